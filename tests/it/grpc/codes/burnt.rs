//! A code survives five wrong guesses, and its owner gets another (I4, I17).

use accountd::proto::OtpPurpose;
use tonic::Code;

use super::COOLDOWN;
use crate::support::{
    client::{PASSWORD, assert_refused, reason, wrong},
    codes::Who,
    likeness::refusal,
    service::{on_both_engines, start},
};

on_both_engines! {
    async fn ot_01_five_wrong_guesses_burn_the_code(engines) {
        let node = start(engines).await;
        let client = node.client();
        let (id, code) = client.pending("ada").await;
        let mut refusals = Vec::new();
        for _ in 0..5 {
            refusals.push(client.activate(&id, &wrong(&code)).await.unwrap_err());
        }
        refusals.push(client.activate(&id, &code).await.unwrap_err());
        for status in &refusals {
            assert_eq!(reason(status), "CODE_INCORRECT");
            assert_eq!(refusal(status), refusal(&refusals[0]), "uniform");
        }
        let login = client.login("ada", PASSWORD).await;
        assert_refused(login, Code::Unauthenticated, "INVALID_CREDENTIALS");
    }

    async fn ot_01_four_wrong_guesses_do_not(engines) {
        let node = start(engines).await;
        let client = node.client();
        let (id, code) = client.pending("ada").await;
        for _ in 0..4 {
            client.activate(&id, &wrong(&code)).await.unwrap_err();
        }
        client.activate(&id, &code).await.unwrap();
    }

    async fn ot_12_a_burnt_code_is_replaced_within_a_minute(engines) {
        let node = start(engines).await;
        let client = node.client();
        let (id, mut code) = client.pending("ada").await;
        for sent in 2..5 {
            for _ in 0..5 {
                client.activate(&id, &wrong(&code)).await.unwrap_err();
            }
            node.advance(COOLDOWN);
            client.ask_again(OtpPurpose::Activate, Who::Id(&id)).await.unwrap();
            code = client.code_number("ada@example.com", sent).await;
        }
        client.activate(&id, &code).await.unwrap();
    }

    async fn ot_12_who_has_the_password_logs_in_whatever_is_burnt(engines) {
        let node = start(engines).await;
        let client = node.client();
        client.join("ada").await;
        let email = "ada@example.com";
        client.request_otp(email, OtpPurpose::ResetPassword).await.unwrap();
        let code = client.code_number(email, 2).await;
        for _ in 0..6 {
            let guess = client.reset_password(email, &wrong(&code), "another good one").await;
            assert_refused(guess, Code::InvalidArgument, "CODE_INCORRECT");
        }
        client.login("ada", PASSWORD).await.unwrap();
    }
}
