//! A code works for its own account, address and issue (I3).

use accountd::proto::{self, AccountState, OtpPurpose};
use tonic::Code;

use super::{COOLDOWN, long};
use crate::support::{
    client::{PASSWORD, assert_refused},
    codes::Who,
    service::{Ground, on_both_engines},
};

on_both_engines! {
    async fn ot_06_the_code_of_one_does_not_work_for_another(engines) {
        let node = Ground::with(engines, long).await.node().await;
        let client = node.client();
        let (ada, code_of_ada) = client.pending("ada").await;
        let (bob, code_of_bob) = client.pending("bob").await;
        for who in [Who::Id(&bob), Who::Username("bob"), Who::Email("bob@example.com")] {
            let crossed = client.bring(OtpPurpose::Activate, who, &code_of_ada).await;
            assert_refused(crossed, Code::InvalidArgument, "CODE_INCORRECT");
        }
        client.activate(&bob, &code_of_bob).await.unwrap();
        client.activate(&ada, &code_of_ada).await.unwrap();
    }

    async fn ot_06_nor_under_the_challenge_of_another(engines) {
        let node = Ground::with(engines, long).await.node().await;
        let client = node.client();
        let (ada, code) = client.pending("ada").await;
        let registered = client.register(client.registration("bob")).await.unwrap();
        let crossed = client
            .verify(proto::VerifyOtpRequest {
                subject: Some(proto::verify_otp_request::Subject::AccountId(ada)),
                code,
                challenge_id: registered.challenge.unwrap().id,
                ..proto::VerifyOtpRequest::default()
            })
            .await;
        assert_refused(crossed, Code::InvalidArgument, "CODE_INCORRECT");
    }

    async fn ot_06_nor_does_a_code_for_a_new_password(engines) {
        let node = Ground::with(engines, long).await.node().await;
        let client = node.client();
        let mut codes = Vec::new();
        for email in ["ada@example.com", "bob@example.com"] {
            client.join(email.split('@').next().unwrap()).await;
            client.request_otp(email, OtpPurpose::ResetPassword).await.unwrap();
            codes.push(client.code_number(email, 2).await);
        }
        let crossed = client.reset_password("bob@example.com", &codes[0], "another good one").await;
        assert_refused(crossed, Code::InvalidArgument, "CODE_INCORRECT");
        client.login("bob", PASSWORD).await.unwrap();
    }

    async fn ot_07_the_code_of_an_address_given_up_does_not_prove_the_next(engines) {
        let node = Ground::with(engines, long).await.node().await;
        let ada = node.client().joined("ada").await;
        let id = ada.current().await.unwrap().id;
        ada.change_email("first@example.com").await.unwrap();
        let first = ada.code_for("first@example.com").await;
        node.advance(COOLDOWN);
        ada.change_email("second@example.com").await.unwrap();
        let second = ada.code_for("second@example.com").await;

        let crossed = ada.bring(OtpPurpose::ChangeEmail, Who::Id(&id), &first).await;
        assert_refused(crossed, Code::InvalidArgument, "CODE_INCORRECT");
        assert_eq!(ada.current().await.unwrap().email, "ada@example.com");

        ada.bring(OtpPurpose::ChangeEmail, Who::Id(&id), &second).await.unwrap();
        let account = ada.current().await.unwrap();
        assert_eq!((account.email.as_str(), account.pending_email.as_str()), ("second@example.com", ""));
    }

    async fn ot_08_a_registration_of_a_strangers_address_goes_with_its_password(engines) {
        let node = Ground::with(engines, long).await.node().await;
        let client = node.client();
        let mut squat = client.registration("mallory");
        squat.email = String::from("ada@example.com");
        squat.password = String::from("chosen by mallory");
        let squatted = client.register(squat).await.unwrap().account.unwrap().id;
        client.code_for("ada@example.com").await;

        let registered = client.register(client.registration("ada")).await.unwrap();
        let code = client.code_number("ada@example.com", 2).await;
        let stolen = client.activate(&squatted, &code).await;
        assert_refused(stolen, Code::NotFound, "ACCOUNT_NOT_FOUND");
        let account = client.activate(&registered.account.unwrap().id, &code).await.unwrap().account.unwrap();
        assert_eq!((account.username.as_str(), account.state()), ("ada", AccountState::Active));

        let login = client.login("mallory", "chosen by mallory").await;
        assert_refused(login, Code::NotFound, "ACCOUNT_NOT_FOUND");
        let login = client.login("ada", "chosen by mallory").await;
        assert_refused(login, Code::Unauthenticated, "WRONG_PASSWORD");
    }
}
