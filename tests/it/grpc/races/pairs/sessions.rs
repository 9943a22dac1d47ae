//! Refresh, logout and new passwords: one branch, and none after its end (I1, I8, I9).

use std::time::Duration;

use accountd::{
    faults::Fault,
    proto::{self, LoginResponse, OtpPurpose, Tokens},
    store::session,
};
use sea_orm::EntityTrait as _;
use tonic::{Code, Status};
use uuid::Uuid;

use super::{noisy_nodes, one_of, refused_as, telling};
use crate::{
    grpc::races::{at_once, enter, two_nodes},
    support::{
        client::{Client, PASSWORD, assert_refused},
        pictures, samples,
        service::{Node, on_both_engines},
        waiting::until,
    },
};

const ROUNDS: usize = 32;

async fn row(node: &Node, tokens: &Tokens) -> Option<session::Model> {
    let id = Uuid::parse_str(&tokens.session_id).unwrap();
    session::Entity::find_by_id(id)
        .one(&node.app.db)
        .await
        .unwrap()
}

/// Neither token works on any node.
async fn assert_ended(nodes: &[Node; 2], tokens: &Tokens) {
    for node in nodes {
        let client = node.client().with(&tokens.access_token);
        assert_refused(
            client.current().await,
            Code::Unauthenticated,
            "TOKEN_REVOKED",
        );
        let next = client.refresh(&tokens.refresh_token).await;
        assert_refused(next, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
    }
}

/// A login with the old password was before the new one, which ended its session, or was refused.
async fn assert_before_or_refused(nodes: &[Node; 2], login: Result<LoginResponse, Status>) {
    match login {
        Ok(opened) => assert_ended(nodes, &opened.tokens.unwrap()).await,
        Err(refused) => drop(refused_as(&refused, &["WRONG_PASSWORD"])),
    }
}

/// The ways to end a session.
#[derive(Clone, Copy, Debug)]
enum End {
    Logout,
    LogoutByRefreshToken,
    LogoutEverywhere,
    Revoke,
}

impl End {
    const ALL: [Self; 4] = [
        Self::Logout,
        Self::LogoutByRefreshToken,
        Self::LogoutEverywhere,
        Self::Revoke,
    ];

    /// Ends the session of `tokens`; `other` is another session of the account.
    async fn come(self, other: &Client, tokens: &Tokens) -> Result<(), Status> {
        let mut rpc = other.rpc.clone();
        let own = other.with(&tokens.access_token);
        let mut message = proto::LogoutRequest::default();
        match self {
            Self::Logout => own.logout().await,
            Self::LogoutByRefreshToken => {
                message.refresh_token.clone_from(&tokens.refresh_token);
                rpc.logout(message).await.map(drop)
            }
            Self::LogoutEverywhere => {
                message.all_sessions = true;
                rpc.logout(own.request(message)).await.map(drop)
            }
            Self::Revoke => {
                let message = proto::RevokeSessionRequest {
                    session_id: tokens.session_id.clone(),
                    ..proto::RevokeSessionRequest::default()
                };
                rpc.revoke_session(other.request(message)).await.map(drop)
            }
        }
    }
}

fn new_password(password: &str, current: &str) -> proto::UpdateRequest {
    proto::UpdateRequest {
        password: password.to_owned(),
        current_password: current.to_owned(),
        ..proto::UpdateRequest::default()
    }
}

fn new_name() -> proto::UpdateRequest {
    proto::UpdateRequest {
        full_name: String::from("Eve"),
        ..proto::UpdateRequest::default()
    }
}

/// Of the passwords, this one alone works.
async fn assert_only(nodes: &[Node; 2], right: &str, wrong: &[&str]) {
    for node in nodes {
        for password in wrong {
            let answer = node.client().login("ada", password).await;
            assert_refused(answer, Code::Unauthenticated, "WRONG_PASSWORD");
        }
        node.client().login("ada", right).await.unwrap();
    }
}

on_both_engines! {
    async fn tk_11_two_refreshes_at_once_get_one_successor(engines) {
        let nodes = noisy_nodes(engines, at_once).await;
        let (_, mut tokens) = enter(&nodes[0].client(), "ada", PASSWORD).await;
        let [here, there] = [nodes[0].client(), nodes[1].client()];
        for round in 0..ROUNDS {
            let token = &tokens.refresh_token;
            let (one, other) = tokio::join!(here.refresh(token), there.refresh(token));
            let (one, other) = (one.unwrap(), other.unwrap());
            assert_eq!(one.refresh_token, other.refresh_token, "one branch");
            let generation = row(&nodes[0], &one).await.unwrap().generation;
            assert_eq!(generation, i64::try_from(round).unwrap() + 1, "one step");
            there.with(&one.access_token).current().await.unwrap();
            here.with(&other.access_token).current().await.unwrap();
            tokens = one;
        }
    }

    async fn tk_08_a_session_that_ends_while_it_is_refreshed_is_over(engines) {
        let nodes = noisy_nodes(engines, at_once).await;
        enter(&nodes[0].client(), "ada", PASSWORD).await;
        for round in 0..ROUNDS {
            let end = End::ALL[round % End::ALL.len()];
            let stranger = nodes[0].client();
            let [tokens, other] = [stranger.login("ada", PASSWORD), stranger.login("ada", PASSWORD)];
            let tokens = tokens.await.unwrap().tokens.unwrap();
            let other = stranger.with(&other.await.unwrap().tokens.unwrap().access_token);
            let there = nodes[1].client();
            let (ended, next) = tokio::join!(
                end.come(&other, &tokens),
                there.refresh(&tokens.refresh_token)
            );
            ended.unwrap_or_else(|refused| panic!("{end:?}: {refused:?}"));
            match next {
                Ok(next) => assert_ended(&nodes, &next).await,
                Err(refused) => {
                    refused_as(&refused, &["REFRESH_TOKEN_INVALID"]);
                }
            }
            assert_ended(&nodes, &tokens).await;
            assert_eq!(row(&nodes[1], &tokens).await, None, "{end:?}");
        }
    }

    async fn px_10_a_login_at_the_instant_of_a_new_password_is_before_or_refused(engines) {
        let nodes = noisy_nodes(engines, at_once).await;
        let mut password = PASSWORD.to_owned();
        let (ada, _) = enter(&nodes[0].client(), "ada", &password).await;
        for round in 0..ROUNDS {
            let next = format!("the password of round {round}");
            let there = nodes[1].client();
            let (changed, login) = tokio::join!(
                ada.update(new_password(&next, &password)),
                there.login("ada", &password)
            );
            changed.unwrap();
            assert_before_or_refused(&nodes, login).await;
            assert_eq!(ada.sessions().await.unwrap().len(), 1);
            password = next;
        }
    }

    async fn px_10_a_login_at_the_instant_of_a_reset_is_before_or_refused(engines) {
        let nodes = noisy_nodes(engines, |settings| {
            telling(settings);
            at_once(settings);
        })
        .await;
        let mut password = PASSWORD.to_owned();
        let address = "ada@example.com";
        let (ada, _) = enter(&nodes[0].client(), "ada", &password).await;
        for round in 0..ROUNDS / 2 {
            let next = format!("the password of round {round}");
            ada.request_otp(address, OtpPurpose::ResetPassword).await.unwrap();
            let code = ada.code_number(address, round + 1).await;
            let there = nodes[1].client();
            let (reset, login) = tokio::join!(
                ada.reset_password(address, &code, &next),
                there.login("ada", &password)
            );
            reset.unwrap();
            assert_before_or_refused(&nodes, login).await;
            let again = there.reset_password(address, &code, PASSWORD).await;
            assert_refused(again, Code::FailedPrecondition, "CODE_NOT_FOUND");
            assert_eq!(session::Entity::find().all(&nodes[0].app.db).await.unwrap(), []);
            password = next;
        }
    }

    async fn px_10_of_two_new_passwords_at_once_one_holds(engines) {
        let nodes = noisy_nodes(engines, at_once).await;
        let mut password = PASSWORD.to_owned();
        enter(&nodes[0].client(), "ada", &password).await;
        for round in 0..ROUNDS / 2 {
            let mut sessions = Vec::new();
            for node in &nodes {
                let tokens = node.client().login("ada", &password).await.unwrap().tokens.unwrap();
                sessions.push(node.client().with(&tokens.access_token));
            }
            let wanted = [0, 1].map(|number| format!("password {number} of round {round}"));
            let (one, other) = tokio::join!(
                sessions[0].update(new_password(&wanted[0], &password)),
                sessions[1].update(new_password(&wanted[1], &password))
            );
            let known = ["TOKEN_REVOKED", "CURRENT_PASSWORD_INCORRECT"];
            let (winner, _) = one_of(one, other, &known);
            sessions[winner].current().await.unwrap();
            let beaten = sessions[1 - winner].current().await;
            assert_refused(beaten, Code::Unauthenticated, "TOKEN_REVOKED");
            assert_only(&nodes, &wanted[winner], &[&wanted[1 - winner], &password]).await;
            password.clone_from(&wanted[winner]);
        }
    }

    async fn px_10_of_a_change_and_a_reset_at_once_one_holds(engines) {
        let nodes = noisy_nodes(engines, |settings| {
            telling(settings);
            at_once(settings);
        })
        .await;
        let mut password = PASSWORD.to_owned();
        let address = "ada@example.com";
        enter(&nodes[0].client(), "ada", &password).await;
        for round in 0..ROUNDS / 2 {
            let ada = nodes[0].client();
            let tokens = ada.login("ada", &password).await.unwrap().tokens.unwrap();
            let ada = ada.with(&tokens.access_token);
            let there = nodes[1].client();
            nodes[0].advance(crate::grpc::codes::COOLDOWN);
            there.request_otp(address, OtpPurpose::ResetPassword).await.unwrap();
            let code = there.code_number(address, round + 1).await;
            let wanted = [0, 1].map(|number| format!("password {number} of round {round}"));
            let (changed, reset) = tokio::join!(
                async { ada.update(new_password(&wanted[0], &password)).await.map(drop) },
                there.reset_password(address, &code, &wanted[1])
            );
            let known = ["TOKEN_REVOKED", "CURRENT_PASSWORD_INCORRECT", "CODE_NOT_FOUND"];
            let (winner, ()) = one_of(changed, reset, &known);
            assert_eq!(ada.current().await.is_ok(), winner == 0);
            assert_only(&nodes, &wanted[winner], &[&wanted[1 - winner], &password]).await;
            password.clone_from(&wanted[winner]);
        }
    }

    async fn px_13_a_change_that_stood_still_while_its_session_ended_is_refused(engines) {
        let nodes = two_nodes(engines, at_once).await;
        let (ada, own) = enter(&nodes[0].client(), "ada", PASSWORD).await;
        pictures::upload(&ada, &samples::png(8, 8)).await.unwrap();
        let before = ada.current().await.unwrap();
        let faults = &nodes[0].app.faults;
        for change in 0..6 {
            let tokens = ada.login("ada", PASSWORD).await.unwrap().tokens.unwrap();
            let late = ada.with(&tokens.access_token);
            let (own, dying) = (own.clone(), tokens.clone());
            let fired = faults.fired();
            // Its token has been looked at by then.
            faults.arm("BEGIN", 0, Fault::Delay(Duration::from_secs(1)));
            let call = tokio::spawn(async move {
                match change {
                    0 => late.update(new_name()).await.map(drop),
                    1 => late.delete(PASSWORD).await,
                    2 => pictures::delete(&late).await.map(drop),
                    3 => pictures::upload(&late, &samples::png(9, 9)).await.map(drop),
                    4 => End::Revoke.come(&late, &own).await,
                    _ => End::LogoutEverywhere.come(&late, &dying).await,
                }
            });
            until("it stands still", || faults.fired() > fired).await;
            nodes[1].client().with(&tokens.access_token).logout().await.unwrap();
            assert_refused(call.await.unwrap(), Code::Unauthenticated, "TOKEN_REVOKED");
            assert_eq!(ada.current().await.unwrap(), before, "it was done all the same");
        }
    }

    async fn px_13_a_logout_by_refresh_token_that_stood_still_ends_no_other_session(engines) {
        let nodes = two_nodes(engines, at_once).await;
        let (ada, _) = enter(&nodes[0].client(), "ada", PASSWORD).await;
        let dying = ada.login("ada", PASSWORD).await.unwrap().tokens.unwrap();
        let message = proto::LogoutRequest {
            refresh_token: dying.refresh_token.clone(),
            all_sessions: true,
            ..proto::LogoutRequest::default()
        };
        let faults = &nodes[0].app.faults;
        faults.arm("BEGIN", 0, Fault::Delay(Duration::from_secs(1)));
        let fired = faults.fired();
        let mut rpc = nodes[0].client().rpc;
        let late = tokio::spawn(async move { rpc.logout(message).await });
        while faults.fired() == fired {
            tokio::task::yield_now().await;
        }
        nodes[1].client().with(&dying.access_token).logout().await.unwrap();
        // What a dead refresh token asks for is so already.
        late.await.unwrap().unwrap();
        ada.current().await.unwrap();
    }
}
