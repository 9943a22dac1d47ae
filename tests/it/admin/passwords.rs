//! Passwords that must be changed.

use accountd::proto::{OtpPurpose, RequirePasswordChangeRequest};
use tonic::Code;

use super::by_id;
use crate::support::{
    client::{PASSWORD, assert_refused},
    office::Office,
    service::{Ground, on_both_engines, start},
};

const NEW_PASSWORD: &str = "a short night ashore";

fn require(account_id: &str) -> RequirePasswordChangeRequest {
    RequirePasswordChangeRequest {
        account_id: account_id.to_owned(),
        ..RequirePasswordChangeRequest::default()
    }
}

on_both_engines! {
    async fn i8_a_password_that_must_be_changed_opens_nothing(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let stranger = node.client();
        let joined = stranger.join("ada").await;
        let (id, tokens) = (joined.account.unwrap().id, joined.tokens.unwrap());
        let done = chief.require_password_change(require(&id)).await.unwrap();
        assert_eq!(done.ended_sessions, 1);
        let ended = stranger.with(&tokens.access_token).current().await;
        assert_refused(ended, Code::Unauthenticated, "TOKEN_REVOKED");
        let record = chief.get_account(by_id(&id)).await.unwrap().record.unwrap();
        assert!(record.password_change_required);
        // Only who knows the password is told.
        let right = stranger.login("ada", PASSWORD).await;
        assert_refused(right, Code::FailedPrecondition, "PASSWORD_CHANGE_REQUIRED");
        let wrong = stranger.login("ada", NEW_PASSWORD).await;
        assert_refused(wrong, Code::Unauthenticated, "INVALID_CREDENTIALS");
        let letters = stranger.mails_to("ada@example.com", 2).await;
        assert!(letters[1].contains("works no more"), "{}", letters[1]);
        stranger.request_otp("ada@example.com", OtpPurpose::ResetPassword).await.unwrap();
        let code = stranger.codes_for("ada@example.com", 2).await.pop().unwrap();
        stranger.reset_password("ada@example.com", &code, NEW_PASSWORD).await.unwrap();
        stranger.login("ada", NEW_PASSWORD).await.unwrap();
        let record = chief.get_account(by_id(&id)).await.unwrap().record.unwrap();
        assert!(!record.password_change_required);
    }

    async fn nobody_is_locked_out_for_good(engines) {
        let ground = Ground::with(engines, |settings| {
            Ground::realm(settings, "default").password_reset = false;
        });
        let node = ground.await.node().await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let stranger = node.client();
        let id = stranger.join("ada").await.account.unwrap().id;
        let refused = chief.require_password_change(require(&id)).await;
        assert_refused(refused, Code::FailedPrecondition, "FEATURE_DISABLED");
        let waiting = stranger.register(stranger.registration("eve")).await.unwrap();
        let refused = chief.require_password_change(require(&waiting.account.unwrap().id)).await;
        assert_refused(refused, Code::FailedPrecondition, "ACCOUNT_NOT_ACTIVATED");
        stranger.login("ada", PASSWORD).await.unwrap();
    }
}
