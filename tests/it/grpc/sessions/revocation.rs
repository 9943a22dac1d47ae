//! What ends a session, and that it has ended for everybody.

use accountd::{
    proto::{
        LogoutRequest, OtpPurpose, RevokeSessionRequest, UpdateRequest, VerifyOtpRequest,
        verify_otp_request::Subject,
    },
    store::account::State,
};
use tonic::Code;

use super::{another_session, newcomer};
use crate::support::{
    client::{Client, PASSWORD, assert_refused},
    operator::{set_role, set_state},
    service::{Ground, on_both_engines, start},
};

const NEW_PASSWORD: &str = "a short night ashore";

async fn assert_ended(client: &Client, refresh_token: &str) {
    assert_refused(
        client.current().await,
        Code::Unauthenticated,
        "TOKEN_REVOKED",
    );
    let next = client.refresh(refresh_token).await;
    assert_refused(next, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
}

fn new_password() -> UpdateRequest {
    UpdateRequest {
        password: NEW_PASSWORD.to_owned(),
        current_password: PASSWORD.to_owned(),
        ..UpdateRequest::default()
    }
}

/// Gives the code back that went to the new address.
async fn confirm_email(client: &Client, account_id: &str, address: &str) {
    let message = VerifyOtpRequest {
        subject: Some(Subject::AccountId(account_id.to_owned())),
        purpose: OtpPurpose::ChangeEmail.into(),
        code: client.code_for(address).await,
        ..VerifyOtpRequest::default()
    };
    client.verify(message).await.unwrap();
}

/// Somebody else takes the name and the address that `ada` had, and gets the second code that goes there.
async fn successor(client: &Client) -> (Client, String) {
    let registered = client.register(client.registration("ada")).await.unwrap();
    let id = registered.account.unwrap().id;
    let code = client.codes_for("ada@example.com", 2).await.pop().unwrap();
    let tokens = client.activate(&id, &code).await.unwrap().tokens.unwrap();
    (client.with(&tokens.access_token), id)
}

on_both_engines! {
    async fn tk_07_a_logout_holds_on_every_node_once_it_is_acknowledged(engines) {
        let ground = Ground::new(engines).await;
        let nodes = [ground.node().await, ground.node().await];
        newcomer(&nodes[0].client(), "ada").await;
        for _ in 0..200 {
            let (here, _) = another_session(&nodes[0].client(), "ada").await;
            let there = nodes[1].client().with(here.token.as_ref().unwrap());
            there.current().await.unwrap();
            here.logout().await.unwrap();
            assert_refused(there.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
        }
    }

    async fn tk_08_a_logout_ends_the_refresh_family(engines) {
        let node = start(engines).await;
        let (ada, first) = newcomer(&node.client(), "ada").await;
        let second = ada.refresh(&first.refresh_token).await.unwrap();
        ada.with(&second.access_token).logout().await.unwrap();
        assert_ended(&ada, &second.refresh_token).await;
        assert_ended(&ada.with(&second.access_token), &first.refresh_token).await;
    }

    async fn tk_08_a_logout_by_refresh_token_ends_the_session(engines) {
        let node = start(engines).await;
        let (ada, tokens) = newcomer(&node.client(), "ada").await;
        let (other, _) = another_session(&node.client(), "ada").await;
        let message = LogoutRequest {
            refresh_token: tokens.refresh_token.clone(),
            ..LogoutRequest::default()
        };
        let stranger = node.client();
        for _ in 0..2 {
            // What the second one asks for is so already.
            stranger.rpc.clone().logout(message.clone()).await.unwrap();
        }
        assert_ended(&ada, &tokens.refresh_token).await;
        other.current().await.unwrap();
    }

    async fn tk_08_a_logout_everywhere_ends_every_session(engines) {
        let node = start(engines).await;
        let (ada, first) = newcomer(&node.client(), "ada").await;
        let (other, second) = another_session(&node.client(), "ada").await;
        let (eve, _) = newcomer(&node.client(), "eve").await;
        let message = LogoutRequest { all_sessions: true, ..LogoutRequest::default() };
        ada.rpc.clone().logout(ada.request(message)).await.unwrap();
        assert_ended(&ada, &first.refresh_token).await;
        assert_ended(&other, &second.refresh_token).await;
        eve.current().await.unwrap();
    }

    async fn tk_20_a_revoked_session_takes_no_access_token(engines) {
        let node = start(engines).await;
        let (ada, first) = newcomer(&node.client(), "ada").await;
        let (other, second) = another_session(&node.client(), "ada").await;
        let message = RevokeSessionRequest {
            session_id: second.session_id.clone(),
            ..RevokeSessionRequest::default()
        };
        ada.rpc.clone().revoke_session(ada.request(message)).await.unwrap();
        assert_ended(&other, &second.refresh_token).await;
        ada.current().await.unwrap();
        ada.refresh(&first.refresh_token).await.unwrap();
        assert_eq!(ada.sessions().await.unwrap().len(), 1);
    }

    async fn tk_12_a_new_password_ends_the_other_sessions(engines) {
        let ground = Ground::new(engines).await;
        let nodes = [ground.node().await, ground.node().await];
        let (ada, own) = newcomer(&nodes[0].client(), "ada").await;
        let mut others = Vec::new();
        for number in 0..4 {
            others.push(another_session(&nodes[number % 2].client(), "ada").await);
        }
        let updated = ada.update(new_password()).await.unwrap();
        for (number, (client, tokens)) in others.iter().enumerate() {
            let there = nodes[number % 2].client().with(&tokens.access_token);
            assert_ended(&there, &tokens.refresh_token).await;
            assert_ended(client, &tokens.refresh_token).await;
        }
        let fresh = updated.tokens.unwrap().access_token;
        ada.with(&fresh).current().await.unwrap();
        ada.current().await.unwrap();
        ada.refresh(&own.refresh_token).await.unwrap();
        let old = nodes[1].client().login("ada", PASSWORD).await;
        assert_refused(old, Code::Unauthenticated, "INVALID_CREDENTIALS");
        nodes[1].client().login("ada", NEW_PASSWORD).await.unwrap();
    }

    async fn tk_13_a_name_that_changes_hands_takes_no_session_along(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        let (ada, tokens) = newcomer(&stranger, "ada").await;
        let id = ada.current().await.unwrap().id;
        ada.update(UpdateRequest {
            username: String::from("countess"),
            email: String::from("countess@example.com"),
            current_password: PASSWORD.to_owned(),
            ..UpdateRequest::default()
        })
        .await
        .unwrap();
        confirm_email(&ada, &id, "countess@example.com").await;

        let (eve, eve_id) = successor(&stranger).await;
        let owner = ada.current().await.unwrap();
        assert_eq!((owner.id.as_str(), owner.username.as_str()), (id.as_str(), "countess"));
        assert_eq!(owner.email, "countess@example.com");
        let next = ada.refresh(&tokens.refresh_token).await.unwrap();
        assert_eq!(ada.with(&next.access_token).current().await.unwrap().id, id);
        assert_ne!(eve_id, id);
        assert_eq!(eve.sessions().await.unwrap().len(), 1);
        assert_eq!(stranger.login("ada", PASSWORD).await.unwrap().account.unwrap().id, eve_id);
    }

    async fn tk_14_what_an_operator_changes_holds_for_the_next_call(engines) {
        let node = start(engines).await;
        let (ada, tokens) = newcomer(&node.client(), "ada").await;
        let id = ada.current().await.unwrap().id;
        set_role(&node, &id, "ADMIN").await;
        assert_eq!(ada.current().await.unwrap().role, "ADMIN");

        set_state(&node, &id, State::Suspended).await;
        assert_refused(ada.current().await, Code::PermissionDenied, "ACCOUNT_SUSPENDED");
        let next = ada.refresh(&tokens.refresh_token).await;
        assert_refused(next, Code::PermissionDenied, "ACCOUNT_SUSPENDED");

        set_state(&node, &id, State::Pending).await;
        assert_ended(&ada, &tokens.refresh_token).await;

        set_state(&node, &id, State::Active).await;
        ada.current().await.unwrap();
        ada.refresh(&tokens.refresh_token).await.unwrap();
    }
}
