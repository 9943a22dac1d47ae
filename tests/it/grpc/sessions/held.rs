//! Callers that are held in memory for a moment: never after what changed them was told.

use accountd::{
    config::{EmailChange, Settings},
    faults::Fault,
    proto::{LogoutRequest, OtpPurpose, RevokeSessionRequest, UpdateRequest},
};
use tonic::{Code, Status};

use super::{another_session, newcomer};
use crate::support::{
    client::{Client, PASSWORD, assert_refused},
    pictures,
    service::{Engines, Ground, Node, on_both_engines},
};

const NEW_PASSWORD: &str = "a short night ashore";
/// What a node reads of a session that it does not hold.
const READ: &str = "SELECT sessions";

async fn two_nodes(engines: Engines) -> [Node; 2] {
    let at_once = |settings: &mut Settings| {
        Ground::realm(settings, "default").email_change = EmailChange::AtOnce;
    };
    let ground = Ground::with(engines, at_once).await;
    [ground.node().await, ground.node().await]
}

/// Calls until the node answers without asking SQL.
async fn warm(node: &Node, client: &Client) {
    for _ in 0..100 {
        if answers_from_memory(node, client).await {
            return;
        }
    }
    panic!("a caller is never held");
}

async fn answers_from_memory(node: &Node, client: &Client) -> bool {
    node.app.faults.record();
    client.current().await.unwrap();
    !node.app.faults.recorded().contains(&READ.to_owned())
}

fn named(full_name: &str) -> UpdateRequest {
    UpdateRequest {
        full_name: full_name.to_owned(),
        ..UpdateRequest::default()
    }
}

async fn logout(client: &Client, all_sessions: bool) -> Result<(), Status> {
    let message = LogoutRequest {
        all_sessions,
        ..LogoutRequest::default()
    };
    client.rpc.clone().logout(client.request(message)).await?;
    Ok(())
}

async fn revoke(client: &Client, session_id: &str) -> Result<(), Status> {
    let message = client.request(RevokeSessionRequest {
        session_id: session_id.to_owned(),
        ..RevokeSessionRequest::default()
    });
    client.rpc.clone().revoke_session(message).await?;
    Ok(())
}

on_both_engines! {
    async fn i1_who_calls_again_and_again_is_answered_from_memory(engines) {
        let [node, _] = two_nodes(engines).await;
        let (ada, _) = newcomer(&node.client(), "ada").await;
        warm(&node, &ada).await;
        let held = ada.current().await.unwrap();
        assert_eq!((held.username.as_str(), held.email.as_str()), ("ada", "ada@example.com"));
    }

    async fn i1_what_is_held_elsewhere_ends_with_the_session(engines) {
        let [here, there] = two_nodes(engines).await;
        let (ada, _) = newcomer(&here.client(), "ada").await;
        for round in 0..20 {
            let (other, tokens) = another_session(&ada, "ada").await;
            let elsewhere = there.client().with(&tokens.access_token);
            warm(&there, &elsewhere).await;
            let done = match round % 4 {
                0 => logout(&other, false).await,
                1 => revoke(&ada, &tokens.session_id).await,
                2 => {
                    let (third, _) = another_session(&ada, "ada").await;
                    let done = logout(&third, true).await;
                    assert_refused(ada.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
                    done
                }
                _ => {
                    let message = LogoutRequest {
                        refresh_token: tokens.refresh_token.clone(),
                        ..LogoutRequest::default()
                    };
                    here.client().rpc.logout(message).await.map(drop)
                }
            };
            done.unwrap();
            assert_refused(elsewhere.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
            if round % 4 == 2 {
                return;
            }
        }
    }

    async fn i1_what_is_held_elsewhere_follows_each_change(engines) {
        let [here, there] = two_nodes(engines).await;
        let (ada, tokens) = newcomer(&here.client(), "ada").await;
        let elsewhere = there.client().with(&tokens.access_token);
        for round in 0..10 {
            warm(&there, &elsewhere).await;
            let name = format!("Ada the {round}th");
            ada.update(named(&name)).await.unwrap();
            assert_eq!(elsewhere.current().await.unwrap().full_name, name);
        }
        warm(&there, &elsewhere).await;
        let shown = pictures::upload(&ada, &pictures::noise(64, 64)).await.unwrap();
        assert_eq!(elsewhere.current().await.unwrap(), shown);
        warm(&there, &elsewhere).await;
        let shown = pictures::delete(&ada).await.unwrap();
        assert_eq!(elsewhere.current().await.unwrap(), shown);
    }

    async fn i8_what_is_held_elsewhere_ends_with_the_password(engines) {
        let [here, there] = two_nodes(engines).await;
        let (ada, _) = newcomer(&here.client(), "ada").await;
        let (_, tokens) = another_session(&ada, "ada").await;
        let elsewhere = there.client().with(&tokens.access_token);
        warm(&there, &elsewhere).await;
        let change = UpdateRequest {
            password: NEW_PASSWORD.to_owned(),
            current_password: PASSWORD.to_owned(),
            ..UpdateRequest::default()
        };
        ada.update(change).await.unwrap();
        assert_refused(elsewhere.current().await, Code::Unauthenticated, "TOKEN_REVOKED");

        let tokens = ada.login("ada", NEW_PASSWORD).await.unwrap().tokens.unwrap();
        let elsewhere = there.client().with(&tokens.access_token);
        warm(&there, &elsewhere).await;
        let mail = "ada@example.com";
        ada.request_otp(mail, OtpPurpose::ResetPassword).await.unwrap();
        let code = ada.codes_for(mail, 2).await.pop().unwrap();
        ada.reset_password(mail, &code, PASSWORD).await.unwrap();
        assert_refused(elsewhere.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
    }

    async fn i7_what_is_held_elsewhere_ends_with_the_account(engines) {
        let [here, there] = two_nodes(engines).await;
        let (ada, tokens) = newcomer(&here.client(), "ada").await;
        let elsewhere = there.client().with(&tokens.access_token);
        warm(&there, &elsewhere).await;
        ada.delete(PASSWORD).await.unwrap();
        assert_refused(elsewhere.current().await, Code::Unauthenticated, "ACCOUNT_DELETED");
    }

    async fn i1_a_change_that_cannot_be_announced_is_told_when_nobody_holds_what_was(engines) {
        let [here, there] = two_nodes(engines).await;
        let (ada, _) = newcomer(&here.client(), "ada").await;
        for fault in [Fault::FailBefore, Fault::FailAfter, Fault::Garble] {
            let (other, tokens) = another_session(&ada, "ada").await;
            let elsewhere = there.client().with(&tokens.access_token);
            warm(&there, &elsewhere).await;
            here.app.faults.arm("kv announce", 0, fault);
            let name = format!("{fault:?}");
            other.update(named(&name)).await.unwrap();
            assert_eq!(elsewhere.current().await.unwrap().full_name, name);

            warm(&there, &elsewhere).await;
            here.app.faults.arm("kv announce", 0, fault);
            other.logout().await.unwrap();
            assert_refused(elsewhere.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
        }
    }

    async fn i1_a_token_of_a_later_refresh_is_noted_while_its_session_is_held(engines) {
        let [node, _] = two_nodes(engines).await;
        let (ada, first) = newcomer(&node.client(), "ada").await;
        warm(&node, &ada).await;
        let second = ada.refresh(&first.refresh_token).await.unwrap();
        // That the answer arrived is shown by the first use of what was in it.
        ada.with(&second.access_token).current().await.unwrap();
        node.advance(std::time::Duration::from_secs(11));
        let stolen = ada.refresh(&first.refresh_token).await;
        assert_refused(stolen, Code::Unauthenticated, "REFRESH_TOKEN_REUSED");
        let ended = ada.with(&second.access_token).current().await;
        assert_refused(ended, Code::Unauthenticated, "TOKEN_REVOKED");
    }

    async fn tk_04_who_is_held_is_refused_when_the_token_has_expired(engines) {
        let [node, _] = two_nodes(engines).await;
        let (ada, _) = newcomer(&node.client(), "ada").await;
        warm(&node, &ada).await;
        let lifetime = node.app.served("default").unwrap().rules.access_lifetime;
        node.advance(lifetime);
        assert_refused(ada.current().await, Code::Unauthenticated, "TOKEN_EXPIRED");
    }
}
