//! PX-10: no session born of the old password survives the acknowledgement of the new one (I8).

use std::time::Duration;

use accountd::proto::{OtpPurpose, Tokens, UpdateRequest};
use tonic::{Code, Status};

use super::{at_once, enter, two_nodes};
use crate::support::{
    client::{Client, PASSWORD, assert_refused, reason},
    service::{Node, on_both_engines},
};

/// Four logins of `ada` with a password that is about to change, on both nodes.
fn logins(
    nodes: &[Node; 2],
    password: &str,
) -> Vec<tokio::task::JoinHandle<Result<Tokens, Status>>> {
    (0..4)
        .map(|number| {
            let client = nodes[number % 2].client();
            let password = password.to_owned();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(number as u64)).await;
                Ok(client.login("ada", &password).await?.tokens.unwrap())
            })
        })
        .collect()
}

/// Whatever the logins opened has ended.
async fn assert_all_ended(
    client: &Client,
    logins: Vec<tokio::task::JoinHandle<Result<Tokens, Status>>>,
) {
    for login in logins {
        match login.await.unwrap() {
            Ok(tokens) => {
                let answer = client.with(&tokens.access_token).current().await;
                assert_refused(answer, Code::Unauthenticated, "TOKEN_REVOKED");
                let answer = client.refresh(&tokens.refresh_token).await;
                assert_refused(answer, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
            }
            Err(refused) => assert_eq!(reason(&refused), "WRONG_PASSWORD", "{refused:?}"),
        }
    }
}

on_both_engines! {
    async fn px_10_a_changed_password_leaves_no_session_of_the_old_one(engines) {
        let nodes = two_nodes(engines, at_once).await;
        let mut password = PASSWORD.to_owned();
        let (ada, _) = enter(&nodes[0].client(), "ada", &password).await;
        for round in 0..25 {
            let next = format!("the password of round {round}");
            let old = logins(&nodes, &password);
            let change = UpdateRequest {
                password: next.clone(),
                current_password: password.clone(),
                ..UpdateRequest::default()
            };
            ada.update(change).await.unwrap();
            assert_all_ended(&nodes[1].client(), old).await;
            let late = nodes[1].client().login("ada", &password).await;
            assert_refused(late, Code::Unauthenticated, "WRONG_PASSWORD");
            assert_eq!(ada.sessions().await.unwrap().len(), 1, "the session that made the change");
            password = next;
        }
    }

    async fn px_10_a_reset_password_leaves_no_session_of_the_old_one(engines) {
        let nodes = two_nodes(engines, at_once).await;
        let mut password = PASSWORD.to_owned();
        let (ada, _) = enter(&nodes[0].client(), "ada", &password).await;
        let address = "ada@example.com";
        for round in 0..8 {
            let next = format!("the password of round {round}");
            nodes[0].advance(Duration::from_mins(1));
            ada.request_otp(address, OtpPurpose::ResetPassword).await.unwrap();
            let code = ada.codes_for(address, round + 1).await.pop().unwrap();
            let old = logins(&nodes, &password);
            ada.reset_password(address, &code, &next).await.unwrap();
            assert_all_ended(&nodes[1].client(), old).await;
            password = next;
        }
        assert_refused(ada.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
    }
}
