//! `profile`: a login follows the code, and ends the login before it.

use std::time::Duration;

use accountd::proto::{self, OtpPurpose, login_request::Identifier};
use tonic::Code;

use crate::support::{
    client::{Client, PASSWORD, assert_refused},
    codes::Who,
    service::{on_both_engines, start},
};

const EMAIL: &str = "neko@example.com";

fn person(client: &Client) -> proto::RegisterRequest {
    proto::RegisterRequest {
        full_name: String::from("Shina Mahiru"),
        ..client.registration("neko")
    }
}

/// Registers and stays pending. The id, which is all that the document's paths have.
async fn pending(client: &Client) -> String {
    client
        .register(person(client))
        .await
        .unwrap()
        .account
        .unwrap()
        .id
}

async fn login(client: &Client) -> proto::Tokens {
    let answer = client
        .login_as(Identifier::Email(EMAIL.to_owned()), PASSWORD)
        .await;
    answer.unwrap().tokens.unwrap()
}

on_both_engines! {
    async fn the_code_activates_and_opens_nothing(engines) {
        let node = start(engines).await;
        let client = node.client_of("profile");
        let id = pending(&client).await;
        let code = client.code_for(EMAIL).await;
        let verified = client.activate(&id, &code).await.unwrap();
        assert_eq!(verified.tokens, None);
        assert_eq!(verified.account.unwrap().state(), proto::AccountState::Active);
        let neko = client.with(&login(&client).await.access_token);
        assert_eq!(neko.sessions().await.unwrap().len(), 1);
    }

    async fn a_login_ends_the_one_before(engines) {
        let node = start(engines).await;
        let client = node.client_of("profile");
        let id = pending(&client).await;
        client.activate(&id, &client.code_for(EMAIL).await).await.unwrap();
        let (first, second) = (login(&client).await, login(&client).await);
        let old = client.with(&first.access_token).current().await;
        assert_refused(old, Code::Unauthenticated, "TOKEN_REVOKED");
        let old = client.refresh(&first.refresh_token).await;
        assert_refused(old, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
        let sessions = client.with(&second.access_token).sessions().await.unwrap();
        assert_eq!(sessions.len(), 1);
    }

    async fn a_code_lives_five_minutes_and_another_may_follow(engines) {
        let node = start(engines).await;
        let client = node.client_of("profile");
        let id = pending(&client).await;
        let first = client.code_for(EMAIL).await;
        let again = || client.ask_again(OtpPurpose::Activate, Who::Id(&id));
        assert_refused(again().await, Code::ResourceExhausted, "CODE_RESEND_TOO_SOON");
        node.advance(Duration::from_mins(5));
        let late = client.activate(&id, &first).await;
        assert_refused(late, Code::FailedPrecondition, "CODE_EXPIRED");
        again().await.unwrap();
        let second = client.code_number(EMAIL, 2).await;
        client.activate(&id, &second).await.unwrap();
        assert_refused(again().await, Code::FailedPrecondition, "CODE_NOT_FOUND");
        let replay = client.activate(&id, &second).await;
        assert_refused(replay, Code::FailedPrecondition, "CODE_NOT_FOUND");
    }

    async fn nobody_is_told_so(engines) {
        let node = start(engines).await;
        let client = node.client_of("profile");
        let nobody = Who::Id("0197c0de-0000-7000-8000-000000000000");
        let code = client.bring(OtpPurpose::Activate, nobody, "012345").await;
        assert_refused(code, Code::NotFound, "ACCOUNT_NOT_FOUND");
        let again = client.ask_again(OtpPurpose::Activate, nobody).await;
        assert_refused(again, Code::NotFound, "ACCOUNT_NOT_FOUND");
    }

    async fn a_registration_that_waits_gives_way_to_a_newer_one(engines) {
        let node = start(engines).await;
        let client = node.client_of("profile");
        let first = pending(&client).await;
        client.code_for(EMAIL).await;
        let second = pending(&client).await;
        let code = client.code_number(EMAIL, 2).await;
        let gone = client.activate(&first, &code).await;
        assert_refused(gone, Code::NotFound, "ACCOUNT_NOT_FOUND");
        client.activate(&second, &code).await.unwrap();
        let taken = client.register(person(&client)).await;
        assert_refused(taken, Code::AlreadyExists, "USERNAME_TAKEN");
    }
}
