//! The second step of a login follows the first (I3).

use accountd::{
    config::Settings,
    proto::{self, OtpPurpose, verify_otp_request::Subject},
    store::{account::State, code},
};
use tonic::Code;

use super::{COOLDOWN, two_steps};
use crate::support::{
    client::{PASSWORD, assert_refused, wrong},
    codes::Who,
    operator::set_state,
    service::{Ground, on_both_engines},
};

const EMAIL: &str = "ada@example.com";

fn hiding(settings: &mut Settings) {
    two_steps(settings);
    Ground::realm(settings, "default").disclose_accounts = false;
}

on_both_engines! {
    async fn ot_17_there_is_no_login_code_before_the_password(engines) {
        let node = Ground::with(engines, two_steps).await.node().await;
        let client = node.client();
        let id = client.join("ada").await.account.unwrap().id;
        let guess = client.bring(OtpPurpose::Login, Who::Id(&id), "0123456789").await;
        assert_refused(guess, Code::FailedPrecondition, "CODE_NOT_FOUND");
        let asked = client.ask_again(OtpPurpose::Login, Who::Id(&id)).await;
        assert_refused(asked, Code::FailedPrecondition, "CODE_NOT_FOUND");
        let login = client.login("ada", "not the password").await;
        assert_refused(login, Code::Unauthenticated, "WRONG_PASSWORD");
        assert_eq!(client.codes_for(EMAIL, 1).await.len(), 1, "only that of the registration");
    }

    async fn ot_17_nor_after_the_login_is_over(engines) {
        let node = Ground::with(engines, hiding).await.node().await;
        let client = node.client();
        let id = client.join("ada").await.account.unwrap().id;
        client.login("ada", PASSWORD).await.unwrap();
        let code = client.code_number(EMAIL, 2).await;
        client.bring(OtpPurpose::Login, Who::Id(&id), &code).await.unwrap();
        for who in [Who::Id(&id), Who::Username("ada"), Who::Email(EMAIL)] {
            // A stranger is answered as for nobody, and no code comes to be that would open the account.
            client.ask_again(OtpPurpose::Login, who).await.unwrap();
            let row = code::Entity::find_by_account(&node.app.db, "default", "login", id.parse().unwrap());
            assert!(row.await.unwrap().unwrap().consumed_at.is_some(), "{who:?}");
        }
    }

    async fn ot_17_the_code_of_one_attempt_does_not_finish_another(engines) {
        let node = Ground::with(engines, two_steps).await.node().await;
        let client = node.client();
        let id = client.join("ada").await.account.unwrap().id;
        let mut attempts = Vec::new();
        for sent in [2, 3] {
            let challenge = client.login("ada", PASSWORD).await.unwrap().challenge.unwrap();
            attempts.push((challenge.id, client.code_number(EMAIL, sent).await));
            node.advance(COOLDOWN);
        }
        let finish = |challenge: usize, code: usize| {
            client.verify(proto::VerifyOtpRequest {
                subject: Some(Subject::AccountId(id.clone())),
                purpose: OtpPurpose::Login.into(),
                challenge_id: attempts[challenge].0.clone(),
                code: attempts[code].1.clone(),
                ..proto::VerifyOtpRequest::default()
            })
        };
        for (challenge, code) in [(0, 0), (0, 1), (1, 0)] {
            let crossed = finish(challenge, code).await;
            assert_refused(crossed, Code::InvalidArgument, "CODE_INCORRECT");
        }
        assert!(finish(1, 1).await.unwrap().tokens.is_some());
    }

    async fn ot_17_a_password_alone_opens_nothing(engines) {
        let node = Ground::with(engines, two_steps).await.node().await;
        let client = node.client();
        let id = client.join("ada").await.account.unwrap().id;
        let login = client.login("ada", PASSWORD).await.unwrap();
        assert_eq!(login.tokens, None);
        assert_eq!(login.account.unwrap().email, "", "the account is not shown yet");
        let code = client.code_number(EMAIL, 2).await;
        let guess = client.bring(OtpPurpose::Login, Who::Id(&id), &wrong(&code)).await;
        assert_refused(guess, Code::InvalidArgument, "CODE_INCORRECT");
    }

    async fn another_code_of_a_login_that_has_begun_goes_to_its_account(engines) {
        let node = Ground::with(engines, two_steps).await.node().await;
        let client = node.client();
        let id = client.join("ada").await.account.unwrap().id;
        client.login("ada", PASSWORD).await.unwrap();
        client.code_number(EMAIL, 2).await;
        node.advance(COOLDOWN);
        client.ask_again(OtpPurpose::Login, Who::Username("ada")).await.unwrap();
        let code = client.code_number(EMAIL, 3).await;
        node.advance(COOLDOWN);
        set_state(&node, &id, State::Suspended).await;
        let asked = client.ask_again(OtpPurpose::Login, Who::Id(&id)).await;
        assert_refused(asked, Code::FailedPrecondition, "CODE_NOT_FOUND");
        let brought = client.bring(OtpPurpose::Login, Who::Id(&id), &code).await;
        assert_refused(brought, Code::PermissionDenied, "ACCOUNT_SUSPENDED");
        set_state(&node, &id, State::Active).await;
        let verified = client.bring(OtpPurpose::Login, Who::Id(&id), &code).await;
        assert!(verified.unwrap().tokens.is_some());
    }
}
