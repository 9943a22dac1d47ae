//! Who may do what to whom.

use accountd::proto;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::support::{
    client::{Client, PASSWORD, assert_refused, reason},
    likeness::refusal,
    raw::call,
    service::{Ground, on_both_engines, start},
};

mod metadata;
mod overreach;
mod passwords;
mod states;
mod surface;

async fn revoke(client: &Client, session_id: &str) -> Result<(), Status> {
    let message = proto::RevokeSessionRequest {
        session_id: session_id.to_owned(),
        ..proto::RevokeSessionRequest::default()
    };
    client
        .rpc
        .clone()
        .revoke_session(client.request(message))
        .await
        .map(drop)
}

async fn resend(client: &Client, id: &str) -> Result<proto::ResendOtpResponse, Status> {
    client
        .resend(proto::ResendOtpRequest {
            subject: Some(proto::resend_otp_request::Subject::AccountId(id.to_owned())),
            ..proto::ResendOtpRequest::default()
        })
        .await
}

const NOBODY: &str = "019a0000-0000-7000-8000-000000000000";

on_both_engines! {
    async fn az_01_a_token_deletes_its_own_account_alone(engines) {
        /// `DeleteRequest` with the fields that a confused client might add.
        #[derive(Clone, PartialEq, prost::Message)]
        struct Delete {
            #[prost(string, tag = "1")]
            current_password: String,
            #[prost(string, tag = "4")]
            id: String,
            #[prost(string, tag = "5")]
            username: String,
        }
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let mut registration = node.client().registration("eve");
        registration.password = String::from("an entirely different secret");
        let registered = node.client().register(registration.clone()).await.unwrap();
        let eve_id = registered.account.unwrap().id;
        let code = node.client().code_for("eve@example.com").await;
        let eve = node.client().activate(&eve_id, &code).await.unwrap().tokens.unwrap();

        let message = Delete {
            current_password: registration.password.clone(),
            id: eve_id,
            username: String::from("eve"),
        };
        let answer = call::<_, proto::DeleteResponse>(&node, "Delete", ada.request(message)).await;
        assert_refused(answer, Code::InvalidArgument, "CURRENT_PASSWORD_INCORRECT");
        ada.current().await.unwrap();
        node.client().with(&eve.access_token).current().await.unwrap();
        node.client().login("eve", &registration.password).await.unwrap();
    }

    async fn az_02_guessing_the_password_of_a_deletion_is_limited(engines) {
        let ground = Ground::with(engines, |settings| {
            settings.limits.login_burst = 10;
            settings.limits.login_period = std::time::Duration::from_hours(1);
        });
        let node = ground.await.node().await;
        let ada = node.client().joined("ada").await;
        let mut looked_at = 0;
        for _ in 0..20 {
            let refused = ada.delete("not the password").await.unwrap_err();
            if reason(&refused) == "CURRENT_PASSWORD_INCORRECT" {
                looked_at += 1;
            } else {
                assert_eq!(reason(&refused), "RATE_LIMITED");
                assert!(refused.get_details_retry_info().is_some(), "the wait is told");
            }
        }
        assert_eq!(looked_at, 10);
        ada.current().await.unwrap();
    }

    async fn az_03_what_belongs_to_another_is_as_what_does_not_exist(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let other = node.client().join("eve").await;
        let eve = node.client().with(&other.tokens.clone().unwrap().access_token);
        let (eve_id, eve_session) = (other.account.unwrap().id, other.tokens.unwrap().session_id);

        let foreign = revoke(&ada, &eve_session).await.unwrap_err();
        let unknown = revoke(&ada, NOBODY).await.unwrap_err();
        assert_eq!(reason(&foreign), "SESSION_NOT_FOUND");
        assert_eq!(refusal(&foreign), refusal(&unknown));
        eve.current().await.unwrap();

        let foreign = ada.activate(&eve_id, "000000").await.unwrap_err();
        let unknown = ada.activate(NOBODY, "000000").await.unwrap_err();
        assert_eq!(reason(&foreign), "CODE_INCORRECT");
        assert_eq!(refusal(&foreign), refusal(&unknown));

        let strip = |answer: proto::ResendOtpResponse, id: &str| {
            let mut challenge = answer.challenge.unwrap();
            assert_eq!(challenge.account_id, id);
            challenge.id.clear();
            challenge.account_id.clear();
            challenge
        };
        let foreign = strip(resend(&ada, &eve_id).await.unwrap(), &eve_id);
        let unknown = strip(resend(&ada, NOBODY).await.unwrap(), NOBODY);
        assert_eq!(foreign, unknown);
        let foreign = resend(&ada, &eve_id).await.unwrap_err();
        let unknown = resend(&ada, NOBODY).await.unwrap_err();
        assert_eq!(refusal(&foreign), refusal(&unknown));
        assert_eq!(eve.letters_to("eve@example.com").len(), 1, "no mail because of a stranger");

        let own = ada.sessions().await.unwrap().remove(0).id;
        revoke(&ada, &own).await.unwrap();
        assert_refused(ada.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
        assert_refused(eve.login("eve", "wrong").await, Code::Unauthenticated, "INVALID_CREDENTIALS");
        eve.login("eve", PASSWORD).await.unwrap();
    }
}
