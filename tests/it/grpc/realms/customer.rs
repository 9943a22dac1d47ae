//! `customer`: three guesses, two minutes, and another code only when the first is of no more use.

use std::time::Duration;

use accountd::proto::{OtpPurpose, ResendOtpRequest, resend_otp_request::Subject};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::support::{
    client::{Client, PASSWORD, assert_refused, wrong},
    codes::{Who, attempts_left},
    service::{on_both_engines, start},
};

const EMAIL: &str = "ada@example.com";
const LIFETIME: Duration = Duration::from_mins(2);
const ADA: Who<'_> = Who::Username("ada");

/// Brings a code back by user name, as the document does.
async fn bring(client: &Client, code: &str) -> Result<(), tonic::Status> {
    client
        .bring(OtpPurpose::Activate, ADA, code)
        .await
        .map(drop)
}

async fn again(client: &Client) -> Result<(), tonic::Status> {
    client.ask_again(OtpPurpose::Activate, ADA).await.map(drop)
}

on_both_engines! {
    async fn a_code_survives_three_guesses(engines) {
        let node = start(engines).await;
        let client = node.client_of("customer");
        let (_, code) = client.pending("ada").await;
        assert_eq!(code.len(), 6);
        for left in [2, 1, 0] {
            let status = bring(&client, &wrong(&code)).await.unwrap_err();
            assert_eq!(attempts_left(&status), Some(left));
            assert_refused(Err::<(), _>(status), Code::InvalidArgument, "CODE_INCORRECT");
        }
        assert_refused(bring(&client, &code).await, Code::ResourceExhausted, "CODE_ATTEMPTS_EXHAUSTED");
    }

    async fn another_waits_until_the_first_is_over(engines) {
        let node = start(engines).await;
        let client = node.client_of("customer");
        let (_, first) = client.pending("ada").await;
        node.advance(Duration::from_secs(100));
        let status = again(&client).await.unwrap_err();
        let wait = status.get_details_retry_info().unwrap().retry_delay;
        assert_eq!(wait, Some(Duration::from_secs(20)));
        assert_refused(Err::<(), _>(status), Code::ResourceExhausted, "CODE_RESEND_TOO_SOON");
        node.advance(Duration::from_secs(20));
        assert_refused(bring(&client, &first).await, Code::FailedPrecondition, "CODE_EXPIRED");
        again(&client).await.unwrap();
        let second = client.code_number(EMAIL, 2).await;
        bring(&client, &second).await.unwrap();
    }

    async fn or_until_its_guesses_are_spent(engines) {
        let node = start(engines).await;
        let client = node.client_of("customer");
        let (_, first) = client.pending("ada").await;
        for _ in 0..3 {
            assert_refused(again(&client).await, Code::ResourceExhausted, "CODE_RESEND_TOO_SOON");
            bring(&client, &wrong(&first)).await.unwrap_err();
        }
        again(&client).await.unwrap();
        let second = client.code_number(EMAIL, 2).await;
        bring(&client, &second).await.unwrap();
    }

    async fn a_code_is_over_after_two_minutes_whatever_was_guessed(engines) {
        let node = start(engines).await;
        let client = node.client_of("customer");
        let (_, code) = client.pending("ada").await;
        for _ in 0..3 {
            bring(&client, &wrong(&code)).await.unwrap_err();
        }
        node.advance(LIFETIME);
        for code in [&code, &wrong(&code)] {
            assert_refused(bring(&client, code).await, Code::FailedPrecondition, "CODE_EXPIRED");
        }
    }

    async fn the_code_opens_a_session_and_is_gone(engines) {
        let node = start(engines).await;
        let client = node.client_of("customer");
        let (_, code) = client.pending("ada").await;
        let verified = client.bring(OtpPurpose::Activate, ADA, &code).await.unwrap();
        let ada = client.with(&verified.tokens.unwrap().access_token);
        assert_eq!(ada.current().await.unwrap().username, "ada");
        for code in [&code, &wrong(&code)] {
            assert_refused(bring(&client, code).await, Code::FailedPrecondition, "CODE_NOT_FOUND");
        }
        assert_refused(again(&client).await, Code::FailedPrecondition, "CODE_NOT_FOUND");
    }

    async fn nobody_is_told_so(engines) {
        let node = start(engines).await;
        let client = node.client_of("customer");
        assert_refused(bring(&client, "012345").await, Code::NotFound, "ACCOUNT_NOT_FOUND");
        assert_refused(again(&client).await, Code::NotFound, "ACCOUNT_NOT_FOUND");
        let login = client.login("ada", PASSWORD).await;
        assert_refused(login, Code::NotFound, "ACCOUNT_NOT_FOUND");
    }

    async fn only_the_password_tells_that_the_code_is_awaited(engines) {
        let node = start(engines).await;
        let client = node.client_of("customer");
        client.pending("ada").await;
        let login = client.login("ada", "not the password").await;
        assert_refused(login, Code::Unauthenticated, "WRONG_PASSWORD");
        let login = client.login("ada", PASSWORD).await;
        assert_refused(login, Code::FailedPrecondition, "ACCOUNT_NOT_ACTIVATED");
    }

    async fn an_address_that_is_given_must_be_where_the_code_goes(engines) {
        let node = start(engines).await;
        let client = node.client_of("customer");
        client.pending("ada").await;
        let at = |address: &str| ResendOtpRequest {
            realm: client.realm.clone(),
            subject: Some(Subject::Username(String::from("ada"))),
            address: address.to_owned(),
            ..ResendOtpRequest::default()
        };
        node.advance(LIFETIME);
        let answer = client.resend(at("eve@example.com")).await;
        assert_refused(answer, Code::FailedPrecondition, "CODE_NOT_FOUND");
        assert_refused(client.resend(at("eve")).await, Code::InvalidArgument, "INVALID_FIELD");
        client.resend(at("ada@EXAMPLE.com")).await.unwrap();
        client.code_number(EMAIL, 2).await;
        // Where accounts are hidden, no answer tells that the two belong together.
        let hidden = ResendOtpRequest { realm: String::from("default"), ..at("eve@example.com") };
        client.resend(hidden).await.unwrap();
        assert_eq!(client.letters_to("eve@example.com").len(), 0);
    }
}
