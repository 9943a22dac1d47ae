//! Passwords that must be changed.

use std::time::Duration;

use accountd::proto::{
    AccountState, OtpPurpose, RequirePasswordChangeRequest, SetAccountStateRequest, UpdateRequest,
};
use tonic::Code;

use super::by_id;
use crate::support::{
    client::{PASSWORD, assert_refused},
    codes::Who,
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

    async fn i8_an_address_that_was_to_become_the_accounts_does_not(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let stranger = node.client();
        for (name, is_suspended) in [("ada", false), ("eve", true)] {
            let joined = stranger.join(name).await;
            let (id, tokens) = (joined.account.unwrap().id, joined.tokens.unwrap());
            let other = format!("other-{name}@example.com");
            let thief = stranger.with(&tokens.access_token);
            let change = UpdateRequest {
                email: other.clone(),
                current_password: PASSWORD.to_owned(),
                ..UpdateRequest::default()
            };
            thief.update(change).await.unwrap();
            let code = stranger.code_for(&other).await;
            if is_suspended {
                for state in [AccountState::Suspended, AccountState::Active] {
                    let message = SetAccountStateRequest {
                        account_id: id.clone(),
                        state: state.into(),
                        ..SetAccountStateRequest::default()
                    };
                    chief.set_account_state(message).await.unwrap();
                }
            } else {
                chief.require_password_change(require(&id)).await.unwrap();
            }
            node.advance(Duration::from_mins(5));
            let username = Who::Username(name);
            let brought = stranger.bring(OtpPurpose::ChangeEmail, username, &code).await;
            assert_refused(brought, Code::InvalidArgument, "CODE_INCORRECT");
            // The answer tells nothing, and no letter leaves.
            let _ = stranger.ask_again(OtpPurpose::ChangeEmail, username).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
            assert_eq!(stranger.letters_to(&other).len(), 1);
            let account = chief.get_account(by_id(&id)).await.unwrap().record.unwrap().account.unwrap();
            assert_eq!((account.email, account.pending_email), (format!("{name}@example.com"), String::new()));
        }
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
