//! PX-09: a deletion against every call that could give the account, or a part of it, back (I7).

use std::{path::PathBuf, time::Duration};

use accountd::{
    accounts::picture::collect_pictures,
    config::{LoginSteps, Settings},
    proto::Tokens,
    store::{account, code, picture, session, upload_ticket},
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use tonic::Code;
use uuid::Uuid;

use super::{noisy_nodes, refused_as, telling};
use crate::{
    grpc::{pictures::objects, races::at_once},
    support::{
        client::{PASSWORD, assert_refused, reason},
        service::{Ground, Node, on_both_engines},
    },
};
use rival::{NEW_PASSWORD, OF_ONE_STEP, OF_TWO_STEPS, Person, Rival, upload_by_ticket};

mod rival;

const ROUNDS: usize = 6;

/// Nothing that was ever given to the person works on any node, and no row is left of the account.
async fn assert_gone(nodes: &[Node; 2], person: &Person, opened: Option<&Tokens>, rival: Rival) {
    for node in nodes {
        let stranger = node.client();
        for tokens in [&person.tokens, &person.other].into_iter().chain(opened) {
            let answer = stranger.with(&tokens.access_token).current().await;
            let why = reason(&answer.unwrap_err());
            // A session that had ended before is told as that by its mark.
            let ended_before = rival.may_come_first_for_good() && why == "TOKEN_REVOKED";
            assert!(why == "ACCOUNT_DELETED" || ended_before, "{rival:?}: {why}");
            let next = stranger.refresh(&tokens.refresh_token).await;
            assert_refused(next, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
        }
        let ticket = upload_by_ticket(&stranger, person).await;
        assert_refused(ticket, Code::Unauthenticated, "UPLOAD_TICKET_INVALID");
        if !person.code.is_empty() {
            let known = ["CODE_NOT_FOUND", "ACCOUNT_NOT_FOUND"];
            let late = person.bring(&stranger, &person.code).await;
            refused_as(&late.unwrap_err(), &known);
            let address = person.address();
            let reset = stranger.reset_password(&address, &person.code, PASSWORD);
            refused_as(&reset.await.unwrap_err(), &known);
        }
    }
    let db = &nodes[0].app.db;
    let id: Uuid = person.id.parse().unwrap();
    let sessions = session::Entity::find().filter(session::Column::AccountId.eq(id));
    let tickets = upload_ticket::Entity::find_by_id(id);
    let codes = code::Entity::find()
        .filter(code::Column::AccountId.eq(id))
        .filter(code::Column::ConsumedAt.is_null());
    assert_eq!(account::Entity::find_by_id(id).count(db).await.unwrap(), 0);
    assert_eq!(sessions.count(db).await.unwrap(), 0, "{rival:?}: sessions");
    assert_eq!(tickets.count(db).await.unwrap(), 0, "{rival:?}: tickets");
    // One that is asked for at this very instant is for nobody: there is no account for it to act on.
    if rival != Rival::RequestOtp {
        assert_eq!(codes.count(db).await.unwrap(), 0, "{rival:?}: codes");
    }
}

/// Whoever registers the name afterwards has an account of its own, and otherwise nobody can log in.
async fn assert_name_is_free(nodes: &[Node; 2], person: &Person, is_taken_anew: bool) {
    for node in nodes {
        for password in [PASSWORD, NEW_PASSWORD] {
            let login = node.client().login(&person.name, password).await;
            if is_taken_anew && password == PASSWORD {
                assert_ne!(login.unwrap().account.unwrap().id, person.id);
            } else {
                let known = ["ACCOUNT_NOT_FOUND", "WRONG_PASSWORD"];
                refused_as(&login.unwrap_err(), &known[..=usize::from(is_taken_anew)]);
            }
        }
    }
}

async fn meet(nodes: &[Node; 2], rival: Rival, round: usize) {
    let name = format!("{rival:?}{round}").to_lowercase();
    let person = Person::new(&nodes[0], name, rival).await;
    let (deleted, met) = tokio::join!(
        person.client.delete(PASSWORD),
        rival.come(&nodes[1], &person)
    );
    let was_done = met.is_ok();
    let opened = met.unwrap_or_else(|refused| {
        refused_as(&refused, rival.refusals());
        None
    });
    if let Err(refused) = deleted {
        let known = ["TOKEN_REVOKED", "CURRENT_PASSWORD_INCORRECT"];
        refused_as(&refused, &known);
        assert!(
            rival.may_come_first_for_good() && was_done,
            "{rival:?}: {refused:?}"
        );
        let password = if rival == Rival::ResetPassword {
            NEW_PASSWORD
        } else {
            PASSWORD
        };
        let login = nodes[1].client().login(&person.name, password).await;
        assert_eq!(
            login.unwrap().account.unwrap().id,
            person.id,
            "it was not deleted"
        );
        return;
    }
    assert_gone(nodes, &person, opened.as_ref(), rival).await;
    let is_taken_anew = rival == Rival::Register && was_done;
    assert_name_is_free(nodes, &person, is_taken_anew).await;
}

fn two_steps(settings: &mut Settings) {
    telling(settings);
    at_once(settings);
    Ground::realm(settings, "default").login_steps = LoginSteps::Two;
}

on_both_engines! {
    async fn px_09_whatever_meets_a_deletion_leaves_nothing_of_the_account(engines) {
        let nodes = noisy_nodes(engines, |settings| {
            telling(settings);
            at_once(settings);
        })
        .await;
        for rival in OF_ONE_STEP {
            for round in 0..ROUNDS {
                meet(&nodes, rival, round).await;
            }
        }
        nodes[0].advance(Duration::from_hours(7));
        collect_pictures(&nodes[0].app).await.unwrap();
        assert_eq!(picture::Entity::find().count(&nodes[0].app.db).await.unwrap(), 0);
        assert_eq!(objects(&nodes[0]), Vec::<PathBuf>::new());
    }

    async fn px_09_a_code_that_meets_a_deletion_opens_nothing(engines) {
        let nodes = noisy_nodes(engines, two_steps).await;
        for rival in OF_TWO_STEPS {
            for round in 0..ROUNDS {
                meet(&nodes, rival, round).await;
            }
        }
    }
}
