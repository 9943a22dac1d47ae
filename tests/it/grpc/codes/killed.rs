//! Whoever changes what an account is proved by ends the codes that are out (I8). Suspension has no RPC yet.

use accountd::proto::{self, OtpPurpose};
use tonic::Code;

use super::{COOLDOWN, two_steps};
use crate::support::{
    client::{Client, PASSWORD, assert_refused, wrong},
    codes::Who,
    service::{Engines, Ground, Node, on_both_engines},
};

const EMAIL: &str = "ada@example.com";
const NEXT: &str = "next@example.com";
const NEW: &str = "another good one";

/// An account with a code for everything: to log in, to set a new password, to confirm an address.
struct Person {
    node: Node,
    client: Client,
    id: String,
    login: String,
    reset: String,
    change: String,
}

impl Person {
    async fn new(engines: Engines) -> Self {
        let node = Ground::with(engines, two_steps).await.node().await;
        let client = node.client().joined("ada").await;
        let id = client.current().await.unwrap().id;
        client.login("ada", PASSWORD).await.unwrap();
        let login = client.code_number(EMAIL, 2).await;
        client
            .request_otp(EMAIL, OtpPurpose::ResetPassword)
            .await
            .unwrap();
        let reset = client.code_number(EMAIL, 3).await;
        client.change_email(NEXT).await.unwrap();
        let change = client.code_for(NEXT).await;
        Self {
            node,
            client,
            id,
            login,
            reset,
            change,
        }
    }

    async fn assert_login_is_dead(&self) {
        // No digits at all, so that a guess at what is gone tells nothing of it.
        for code in [&wrong(&self.login), &self.login] {
            let answer = self
                .client
                .bring(OtpPurpose::Login, Who::Id(&self.id), code)
                .await;
            assert_refused(answer, Code::FailedPrecondition, "CODE_NOT_FOUND");
        }
    }

    async fn assert_reset_is_dead(&self) {
        let answer = self.client.reset_password(EMAIL, &self.reset, NEW).await;
        assert_refused(answer, Code::FailedPrecondition, "CODE_NOT_FOUND");
    }

    /// Neither the code nor one asked for in its place: who changed the address may not have been the owner.
    async fn assert_change_is_dead(&self) {
        let who = Who::Id(&self.id);
        let answer = self
            .client
            .bring(OtpPurpose::ChangeEmail, who, &self.change)
            .await;
        assert_refused(answer, Code::FailedPrecondition, "CODE_NOT_FOUND");
        self.node.advance(COOLDOWN);
        let answer = self.client.ask_again(OtpPurpose::ChangeEmail, who).await;
        assert_refused(answer, Code::FailedPrecondition, "CODE_NOT_FOUND");
    }
}

on_both_engines! {
    async fn ot_16_a_new_password_ends_all_codes(engines) {
        let person = Person::new(engines).await;
        let message = proto::UpdateRequest {
            password: NEW.to_owned(),
            current_password: PASSWORD.to_owned(),
            ..proto::UpdateRequest::default()
        };
        let account = person.client.update(message).await.unwrap().account.unwrap();
        assert_eq!(account.pending_email, "");
        person.assert_login_is_dead().await;
        person.assert_reset_is_dead().await;
        person.assert_change_is_dead().await;
    }

    async fn ot_16_a_password_set_by_code_ends_all_codes(engines) {
        let person = Person::new(engines).await;
        person.client.reset_password(EMAIL, &person.reset, NEW).await.unwrap();
        person.assert_login_is_dead().await;
        person.assert_reset_is_dead().await;
        person.assert_change_is_dead().await;
    }

    async fn ot_16_a_new_address_ends_all_codes(engines) {
        let person = Person::new(engines).await;
        let who = Who::Id(&person.id);
        person.client.bring(OtpPurpose::ChangeEmail, who, &person.change).await.unwrap();
        person.assert_login_is_dead().await;
        person.assert_reset_is_dead().await;
        person.assert_change_is_dead().await;
    }

    async fn ot_16_a_deleted_account_has_no_codes(engines) {
        let person = Person::new(engines).await;
        person.client.delete(PASSWORD).await.unwrap();
        person.assert_reset_is_dead().await;
        for (purpose, code) in
            [(OtpPurpose::Login, &person.login), (OtpPurpose::ChangeEmail, &person.change)]
        {
            let answer = person.client.bring(purpose, Who::Id(&person.id), code).await;
            assert_refused(answer, Code::NotFound, "ACCOUNT_NOT_FOUND");
        }
    }

    async fn a_burnt_code_that_was_ended_is_gone_and_not_burnt(engines) {
        let person = Person::new(engines).await;
        let login = wrong(&person.login);
        let who = Who::Id(&person.id);
        for _ in 0..5 {
            let guess = person.client.bring(OtpPurpose::Login, who, &login).await;
            assert_refused(guess, Code::InvalidArgument, "CODE_INCORRECT");
        }
        let guess = person.client.bring(OtpPurpose::Login, who, &login).await;
        assert_refused(guess, Code::ResourceExhausted, "CODE_ATTEMPTS_EXHAUSTED");
        person.client.reset_password(EMAIL, &person.reset, NEW).await.unwrap();
        person.assert_login_is_dead().await;
    }
}
