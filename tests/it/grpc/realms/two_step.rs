//! `two_step`: a password, then a code by mail.

use std::time::Duration;

use accountd::proto::{self, OtpPurpose, login_request::Identifier};
use tonic::Code;

use crate::support::{
    client::{Client, PASSWORD, assert_refused, wrong},
    codes::Who,
    service::{on_both_engines, start},
};

const COOLDOWN: Duration = Duration::from_secs(10);

fn mail_of(name: &str) -> String {
    format!("{name}@example.com")
}

/// Registers and activates. The account's id.
async fn joined(client: &Client, name: &str) -> String {
    let full_name = String::from("Uzumaki Naruto");
    let message = proto::RegisterRequest {
        full_name,
        ..client.registration(name)
    };
    let id = client.register(message).await.unwrap().account.unwrap().id;
    let code = client.code_for(&mail_of(name)).await;
    let verified = client.activate(&id, &code).await.unwrap();
    assert_eq!(verified.tokens, None, "a login must follow");
    id
}

/// The first step.
async fn challenged(client: &Client, name: &str) -> proto::Challenge {
    let answer = client
        .login_as(Identifier::Email(mail_of(name)), PASSWORD)
        .await
        .unwrap();
    assert_eq!(answer.tokens, None);
    answer.challenge.unwrap()
}

/// Both steps, where the account has had `before` codes.
async fn logged_in(client: &Client, name: &str, id: &str, before: usize) -> proto::Tokens {
    challenged(client, name).await;
    let code = client.code_number(&mail_of(name), before + 1).await;
    client
        .bring(OtpPurpose::Login, Who::Id(id), &code)
        .await
        .unwrap()
        .tokens
        .unwrap()
}

fn new_password() -> proto::UpdateRequest {
    proto::UpdateRequest {
        password: String::from("Naruto123$"),
        ..proto::UpdateRequest::default()
    }
}

on_both_engines! {
    async fn a_login_is_a_challenge_and_its_code(engines) {
        let node = start(engines).await;
        let client = node.client_of("two_step");
        let id = joined(&client, "naruto").await;
        let challenge = challenged(&client, "naruto").await;
        assert_eq!((challenge.purpose(), &challenge.account_id), (OtpPurpose::Login, &id));
        assert_eq!((challenge.address.as_str(), challenge.code_length), ("n…@example.com", 6));
        let code = client.code_number("naruto@example.com", 2).await;
        let verified = client.bring(OtpPurpose::Login, Who::Id(&id), &code).await.unwrap();
        assert_eq!(verified.account.unwrap().username, "naruto");
        let naruto = client.with(&verified.tokens.unwrap().access_token);
        assert_eq!(naruto.current().await.unwrap().id, id);
        let again = client.bring(OtpPurpose::Login, Who::Id(&id), &code).await;
        assert_refused(again, Code::FailedPrecondition, "CODE_NOT_FOUND");
    }

    async fn the_code_of_another_account_is_refused(engines) {
        let node = start(engines).await;
        let client = node.client_of("two_step");
        let (naruto, sasuke) = (joined(&client, "naruto").await, joined(&client, "sasuke").await);
        challenged(&client, "naruto").await;
        challenged(&client, "sasuke").await;
        let code = client.code_number("naruto@example.com", 2).await;
        for who in [Who::Id(&sasuke), Who::Username("sasuke"), Who::Email("sasuke@example.com")] {
            let crossed = client.bring(OtpPurpose::Login, who, &code).await;
            assert_refused(crossed, Code::InvalidArgument, "CODE_INCORRECT");
        }
        let verified = client.bring(OtpPurpose::Login, Who::Id(&naruto), &code).await.unwrap();
        assert_eq!(verified.account.unwrap().id, naruto);
    }

    async fn a_second_login_within_moments_keeps_the_code(engines) {
        let node = start(engines).await;
        let client = node.client_of("two_step");
        let id = joined(&client, "naruto").await;
        let first = challenged(&client, "naruto").await;
        assert_eq!(challenged(&client, "naruto").await.id, first.id);
        let code = client.code_number("naruto@example.com", 2).await;
        node.advance(COOLDOWN);
        assert_ne!(challenged(&client, "naruto").await.id, first.id);
        let newer = client.code_number("naruto@example.com", 3).await;
        let old = proto::VerifyOtpRequest {
            realm: client.realm.clone(),
            subject: Some(proto::verify_otp_request::Subject::AccountId(id.clone())),
            purpose: OtpPurpose::Login.into(),
            code,
            challenge_id: first.id,
            ..proto::VerifyOtpRequest::default()
        };
        assert_refused(client.verify(old).await, Code::InvalidArgument, "CODE_INCORRECT");
        client.bring(OtpPurpose::Login, Who::Id(&id), &newer).await.unwrap();
    }

    async fn a_burnt_code_is_followed_by_another_login(engines) {
        let node = start(engines).await;
        let client = node.client_of("two_step");
        let id = joined(&client, "naruto").await;
        challenged(&client, "naruto").await;
        let code = client.code_number("naruto@example.com", 2).await;
        for _ in 0..5 {
            client.bring(OtpPurpose::Login, Who::Id(&id), &wrong(&code)).await.unwrap_err();
        }
        let burnt = client.bring(OtpPurpose::Login, Who::Id(&id), &code).await;
        assert_refused(burnt, Code::ResourceExhausted, "CODE_ATTEMPTS_EXHAUSTED");
        node.advance(COOLDOWN);
        logged_in(&client, "naruto", &id, 2).await;
    }

    async fn a_code_lives_three_minutes(engines) {
        let node = start(engines).await;
        let client = node.client_of("two_step");
        let id = joined(&client, "naruto").await;
        challenged(&client, "naruto").await;
        let code = client.code_number("naruto@example.com", 2).await;
        node.advance(Duration::from_mins(3));
        let late = client.bring(OtpPurpose::Login, Who::Id(&id), &code).await;
        assert_refused(late, Code::FailedPrecondition, "CODE_EXPIRED");
    }

    async fn a_new_password_needs_a_recent_login(engines) {
        let node = start(engines).await;
        let client = node.client_of("two_step");
        let id = joined(&client, "naruto").await;
        let tokens = logged_in(&client, "naruto", &id, 1).await;
        node.advance(Duration::from_mins(59));
        let tokens = client.refresh(&tokens.refresh_token).await.unwrap();
        let naruto = client.with(&tokens.access_token);
        node.advance(Duration::from_mins(2));
        let refused = naruto.update(new_password()).await;
        assert_refused(refused, Code::FailedPrecondition, "REAUTHENTICATION_REQUIRED");

        let tokens = logged_in(&client, "naruto", &id, 2).await;
        let updated = client.with(&tokens.access_token).update(new_password()).await.unwrap();
        assert!(updated.tokens.is_some(), "the answer of the document has a token");
        let old = naruto.current().await;
        assert_refused(old, Code::Unauthenticated, "TOKEN_REVOKED");
        client.login_as(Identifier::Email(mail_of("naruto")), "Naruto123$").await.unwrap();
    }

    async fn a_registration_that_waits_does_not_log_in(engines) {
        let node = start(engines).await;
        let client = node.client_of("two_step");
        let full_name = String::from("Uzumaki Naruto");
        let message = proto::RegisterRequest { full_name, ..client.registration("naruto") };
        client.register(message).await.unwrap();
        let login = client.login_as(Identifier::Email(mail_of("naruto")), PASSWORD).await;
        assert_refused(login, Code::FailedPrecondition, "ACCOUNT_NOT_ACTIVATED");
    }
}
