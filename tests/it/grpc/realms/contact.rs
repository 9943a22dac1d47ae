//! `contact`: one phone to one account, and an address that changes at once.

use std::time::Duration;

use accountd::proto::{self, OtpPurpose, login_request::Identifier};
use tonic::Code;

use crate::support::{
    client::{Client, PASSWORD, assert_refused},
    codes::Who,
    service::{on_both_engines, start},
};

const EMAIL: &str = "broo@example.com";
const PHONE: &str = "08123123123";

fn person(client: &Client, email: &str, phone: &str) -> proto::RegisterRequest {
    proto::RegisterRequest {
        username: String::new(),
        email: email.to_owned(),
        phone: phone.to_owned(),
        full_name: String::from("broo"),
        ..client.registration("broo")
    }
}

/// Registers and brings the code back by the address. The client with the session that this opens.
async fn joined(client: &Client, email: &str, phone: &str) -> Client {
    client.register(person(client, email, phone)).await.unwrap();
    let code = client.code_for(email).await;
    let verified = client
        .bring(OtpPurpose::Activate, Who::Email(email), &code)
        .await
        .unwrap();
    client.with(
        &verified
            .tokens
            .expect("the code opens a session")
            .access_token,
    )
}

async fn login(client: &Client, email: &str, password: &str) -> Result<(), tonic::Status> {
    client
        .login_as(Identifier::Email(email.to_owned()), password)
        .await
        .map(drop)
}

on_both_engines! {
    async fn a_phone_belongs_to_one_account_however_it_is_written(engines) {
        let node = start(engines).await;
        let client = node.client_of("contact");
        joined(&client, EMAIL, PHONE).await;
        for phone in [PHONE, "+628123123123"] {
            let taken = client.register(person(&client, "other@example.com", phone)).await;
            assert_refused(taken, Code::AlreadyExists, "PHONE_TAKEN");
        }
        let taken = client.register(person(&client, EMAIL, "08999999999")).await;
        assert_refused(taken, Code::AlreadyExists, "EMAIL_TAKEN");
    }

    async fn who_is_activated_first_has_the_phone(engines) {
        let node = start(engines).await;
        let client = node.client_of("contact");
        client.register(person(&client, "other@example.com", PHONE)).await.unwrap();
        let code = client.code_for("other@example.com").await;
        joined(&client, EMAIL, PHONE).await;
        let late = client.bring(OtpPurpose::Activate, Who::Email("other@example.com"), &code).await;
        assert_refused(late, Code::AlreadyExists, "PHONE_TAKEN");
    }

    async fn an_address_changes_at_once_with_the_old_password(engines) {
        let node = start(engines).await;
        let client = node.client_of("contact");
        let broo = joined(&client, EMAIL, PHONE).await;
        for password in ["", "not the password"] {
            let message = proto::UpdateRequest {
                email: String::from("next@example.com"),
                current_password: password.to_owned(),
                ..proto::UpdateRequest::default()
            };
            let refused = broo.update(message).await;
            assert_refused(refused, Code::InvalidArgument, "CURRENT_PASSWORD_INCORRECT");
        }
        let updated = broo.change_email("next@example.com").await.unwrap();
        assert_eq!(updated.challenge, None);
        assert!(updated.tokens.is_some(), "the answer of the document has a token");
        assert_eq!(updated.account.unwrap().email, "next@example.com");
        let letters = client.mails_to(EMAIL, 2).await;
        assert!(letters[1].contains("n…@example.com"), "{}", letters[1]);
        login(&client, "next@example.com", PASSWORD).await.unwrap();
        assert_refused(login(&client, EMAIL, PASSWORD).await, Code::NotFound, "ACCOUNT_NOT_FOUND");
    }

    async fn but_not_to_what_another_has(engines) {
        let node = start(engines).await;
        let client = node.client_of("contact");
        let broo = joined(&client, EMAIL, PHONE).await;
        joined(&client, "other@example.com", "08999999999").await;
        let taken = broo.change_email("other@example.com").await;
        assert_refused(taken, Code::AlreadyExists, "EMAIL_TAKEN");
        let message = proto::UpdateRequest {
            phone: String::from("08999999999"),
            current_password: PASSWORD.to_owned(),
            ..proto::UpdateRequest::default()
        };
        assert_refused(broo.update(message).await, Code::AlreadyExists, "PHONE_TAKEN");
        assert_eq!(broo.current().await.unwrap().email, EMAIL);
    }

    async fn only_the_password_tells_that_the_code_is_awaited(engines) {
        let node = start(engines).await;
        let client = node.client_of("contact");
        client.register(person(&client, EMAIL, PHONE)).await.unwrap();
        let wrong = login(&client, EMAIL, "not the password").await;
        assert_refused(wrong, Code::Unauthenticated, "WRONG_PASSWORD");
        let right = login(&client, EMAIL, PASSWORD).await;
        assert_refused(right, Code::FailedPrecondition, "ACCOUNT_NOT_ACTIVATED");
    }

    async fn another_code_comes_after_half_a_minute_while_one_is_awaited(engines) {
        let node = start(engines).await;
        let client = node.client_of("contact");
        client.register(person(&client, EMAIL, PHONE)).await.unwrap();
        let again = || client.ask_again(OtpPurpose::Activate, Who::Email(EMAIL));
        assert_refused(again().await, Code::ResourceExhausted, "CODE_RESEND_TOO_SOON");
        node.advance(Duration::from_secs(30));
        again().await.unwrap();
        let code = client.code_number(EMAIL, 2).await;
        node.advance(Duration::from_secs(119));
        client.bring(OtpPurpose::Activate, Who::Email(EMAIL), &code).await.unwrap();
        assert_refused(again().await, Code::FailedPrecondition, "CODE_NOT_FOUND");
        let nobody = client.ask_again(OtpPurpose::Activate, Who::Email("nobody@example.com")).await;
        assert_refused(nobody, Code::NotFound, "ACCOUNT_NOT_FOUND");
    }
}
