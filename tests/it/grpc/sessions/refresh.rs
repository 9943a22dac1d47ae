//! One live branch per session: rotation, lost answers, replay and crowds.

use std::{collections::BTreeSet, time::Duration};

use accountd::{
    app::Call,
    error::Error,
    replay::Name,
    sessions,
    store::{audit_event, session},
};
use sea_orm::EntityTrait as _;
use tokio_util::sync::CancellationToken;
use tonic::Code;
use uuid::Uuid;

use super::{another_session, newcomer};
use crate::support::{
    client::{assert_refused, reason},
    raw::apart,
    service::{Ground, Node, on_both_engines, start},
};

/// Beyond the time in which a predecessor is forgiven.
const LATER: Duration = Duration::from_secs(11);

async fn row(node: &Node, session_id: &str) -> Option<session::Model> {
    let id = Uuid::parse_str(session_id).unwrap();
    session::Entity::find_by_id(id)
        .one(&node.app.db)
        .await
        .unwrap()
}

on_both_engines! {
    async fn tk_09_a_token_that_was_replaced_and_used_ends_the_family(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        let (ada, first) = newcomer(&stranger, "ada").await;
        let second = stranger.refresh(&first.refresh_token).await.unwrap();
        stranger.with(&second.access_token).current().await.unwrap();
        node.advance(LATER);

        let reused = stranger.refresh(&first.refresh_token).await;
        assert_refused(reused, Code::Unauthenticated, "REFRESH_TOKEN_REUSED");

        let live = stranger.refresh(&second.refresh_token).await;
        assert_refused(live, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
        for token in [&first, &second] {
            let answer = ada.with(&token.access_token).current().await;
            assert_refused(answer, Code::Unauthenticated, "TOKEN_REVOKED");
        }
        let events = audit_event::Entity::find().all(&node.app.db).await.unwrap();
        let reused = events.iter().filter(|event| event.outcome == "REFRESH_TOKEN_REUSED");
        assert_eq!(reused.count(), 1);
    }

    async fn tk_09_an_older_token_ends_the_family_at_once(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        let (_, first) = newcomer(&stranger, "ada").await;
        let second = stranger.refresh(&first.refresh_token).await.unwrap();
        let third = stranger.refresh(&second.refresh_token).await.unwrap();
        let reused = stranger.refresh(&first.refresh_token).await;
        assert_refused(reused, Code::Unauthenticated, "REFRESH_TOKEN_REUSED");
        let live = stranger.refresh(&third.refresh_token).await;
        assert_refused(live, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
    }

    async fn tk_10_a_lost_answer_costs_nothing(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        newcomer(&stranger, "ada").await;
        let mut opened = Vec::new();
        for round in 0..19 {
            let (_, tokens) = another_session(&stranger, "ada").await;
            let hurried = apart(&node, &stranger).await;
            let token = tokens.refresh_token.clone();
            let call = tokio::spawn(async move { hurried.refresh(&token).await });
            tokio::time::sleep(Duration::from_micros(400 * round)).await;
            call.abort();
            opened.push(tokens);
        }
        // What has reached the server comes to its end, heard or not.
        tokio::time::sleep(Duration::from_millis(500)).await;
        node.advance(Duration::from_secs(30));
        for tokens in opened {
            let next = stranger.refresh(&tokens.refresh_token).await.unwrap();
            stranger.with(&next.access_token).current().await.unwrap();
            let generation = row(&node, &next.session_id).await.unwrap().generation;
            assert_eq!(generation, 1, "one step, whether the first answer was lost or never made");
            stranger.refresh(&next.refresh_token).await.unwrap();
        }
    }

    async fn tk_10_the_retry_gets_the_same_successor(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        let (_, first) = newcomer(&stranger, "ada").await;
        let lost = stranger.refresh(&first.refresh_token).await.unwrap();
        node.advance(Duration::from_hours(1));
        let again = stranger.refresh(&first.refresh_token).await.unwrap();
        assert_eq!(again.refresh_token, lost.refresh_token);
        assert_eq!(row(&node, &first.session_id).await.unwrap().generation, 1);
    }

    async fn tk_11_a_crowd_with_one_token_gets_one_successor(engines) {
        let ground = Ground::new(engines).await;
        let nodes = [ground.node().await, ground.node().await];
        let (_, first) = newcomer(&nodes[0].client(), "ada").await;
        let calls: Vec<_> = (0..100)
            .map(|number: usize| {
                let client = nodes[number % 2].client();
                let token = first.refresh_token.clone();
                tokio::spawn(async move {
                    let answer = client.refresh(&token).await;
                    if let Ok(tokens) = &answer {
                        client.with(&tokens.access_token).current().await.unwrap();
                    }
                    answer
                })
            })
            .collect();
        let mut successors = BTreeSet::new();
        for call in calls {
            match call.await.unwrap() {
                Ok(tokens) => {
                    successors.insert(tokens.refresh_token);
                }
                Err(refused) => assert_eq!(reason(&refused), "CONFLICT", "{refused:?}"),
            }
        }
        assert_eq!(successors.len(), 1, "one live branch");
        let survivor = nodes[1].client().refresh(successors.first().unwrap()).await.unwrap();
        nodes[0].client().with(&survivor.access_token).current().await.unwrap();
        assert_eq!(row(&nodes[0], &first.session_id).await.unwrap().generation, 2);
    }

    async fn px_13_a_refresh_that_its_client_gave_up_on_ends_no_family(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        let (_, first) = newcomer(&stranger, "ada").await;
        let second = stranger.refresh(&first.refresh_token).await.unwrap();
        stranger.with(&second.access_token).current().await.unwrap();
        let third = stranger.refresh(&second.refresh_token).await.unwrap();
        node.advance(LATER);
        // The first try comes out of a buffer, when the owner has long used the answer to the second; that its client has
        // left comes right behind it.
        let late = Call {
            request_id: String::from("late"),
            peer: node.address.ip(),
            user_agent: String::new(),
            gone: CancellationToken::new(),
            deadline: None,
            bearer: None,
            realm: None,
            operator: None,
            named: None,
        };
        let farewell = async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            late.gone.cancel();
        };
        let refresh = sessions::refresh(&node.app, &late, &first.refresh_token);
        let (answer, ()) = tokio::join!(refresh, farewell);
        // Nobody hears it, but the event tells that it came.
        assert_eq!(answer.unwrap_err(), Error::RefreshTokenReused);
        stranger.refresh(&third.refresh_token).await.unwrap();
    }

    async fn px_14_a_named_refresh_that_comes_again_late_ends_no_family(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        let (_, first) = newcomer(&stranger, "ada").await;
        let call = Call {
            request_id: String::from("late"),
            peer: node.address.ip(),
            user_agent: String::new(),
            gone: CancellationToken::new(),
            deadline: None,
            bearer: None,
            realm: None,
            operator: None,
            named: Some(Name {
                is_for_session: false,
                key: String::from("Refresh/late"),
                fingerprint: [1; 32],
            }),
        };
        let second = sessions::refresh(&node.app, &call, &first.refresh_token).await.unwrap();
        stranger.with(&second.access).current().await.unwrap();
        let third = stranger.refresh(&second.refresh).await.unwrap();
        stranger.with(&third.access_token).current().await.unwrap();
        node.advance(LATER);
        let again = sessions::refresh(&node.app, &call, &first.refresh_token).await.unwrap();
        assert_eq!((again.access, again.refresh), (second.access, second.refresh));
        stranger.with(&third.access_token).current().await.unwrap();

        let thief = Call { named: None, ..call };
        let answer = sessions::refresh(&node.app, &thief, &first.refresh_token).await;
        assert_eq!(answer.unwrap_err(), Error::RefreshTokenReused);
        let ended = stranger.with(&third.access_token).current().await;
        assert_refused(ended, Code::Unauthenticated, "TOKEN_REVOKED");
    }

    async fn px_13_a_refresh_that_was_overtaken_by_a_logout_is_refused(engines) {
        let ground = Ground::new(engines).await;
        let nodes = [ground.node().await, ground.node().await];
        newcomer(&nodes[0].client(), "ada").await;
        for round in 0..20 {
            let (ada, tokens) = another_session(&nodes[0].client(), "ada").await;
            let other = nodes[1].client();
            let token = tokens.refresh_token.clone();
            let refresh = tokio::spawn(async move { other.refresh(&token).await });
            tokio::time::sleep(Duration::from_micros(150 * round)).await;
            ada.logout().await.unwrap();
            if let Ok(next) = refresh.await.unwrap() {
                let answer = ada.with(&next.access_token).current().await;
                assert_refused(answer, Code::Unauthenticated, "TOKEN_REVOKED");
                let answer = ada.refresh(&next.refresh_token).await;
                assert_refused(answer, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
            }
        }
    }
}
