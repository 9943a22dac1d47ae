//! A code for a new password, for an account and for nobody (I15).

use std::time::Duration;

use accountd::proto::{OtpPurpose, RequestOtpRequest, ResetPasswordRequest};

use crate::support::{
    client::{Client, wrong},
    likeness::likeness,
    service::{on_both_engines, start},
};

/// What a stranger is answered, but for the id.
async fn ask(client: &Client, email: &str) -> String {
    let message = RequestOtpRequest {
        email: email.to_owned(),
        purpose: OtpPurpose::ResetPassword.into(),
        ..RequestOtpRequest::default()
    };
    let mut answer = client
        .rpc
        .clone()
        .request_otp(client.request(message))
        .await;
    if let Ok(response) = &mut answer {
        response.get_mut().challenge.as_mut().unwrap().id.clear();
    }
    likeness(&answer)
}

async fn reset(client: &Client, email: &str, code: &str) -> String {
    let message = ResetPasswordRequest {
        email: email.to_owned(),
        code: code.to_owned(),
        new_password: String::from("another good one"),
        ..ResetPasswordRequest::default()
    };
    likeness(
        &client
            .rpc
            .clone()
            .reset_password(client.request(message))
            .await,
    )
}

on_both_engines! {
    async fn en_03_a_new_password_may_be_asked_for_by_anyone(engines) {
        let node = start(engines).await;
        let client = node.client();
        client.join("ada").await;
        client.pending("abe").await;
        // Ten are sent in a day; the eleventh is refused, and so is what comes too soon.
        for _ in 0..11 {
            for _ in 0..2 {
                let known = ask(&client, "ada@example.com").await;
                assert_eq!(ask(&client, "any@example.com").await, known);
                assert_eq!(ask(&client, "abe@example.com").await, known);
            }
            node.advance(Duration::from_mins(1));
        }
        assert_eq!(client.codes_for("ada@example.com", 11).await.len(), 11);
        assert_eq!(client.letters_to("any@example.com").len(), 0);
        assert_eq!(client.letters_to("abe@example.com").len(), 1, "that of the registration");
    }

    async fn en_04_a_code_for_it_works_or_not_and_no_more(engines) {
        let node = start(engines).await;
        let client = node.client();
        client.join("ada").await;
        let nobody = reset(&client, "any@example.com", "012345").await;
        assert!(nobody.contains("CODE_INCORRECT"), "{nobody}");
        assert_eq!(reset(&client, "ada@example.com", "012345").await, nobody, "none was asked for");
        ask(&client, "ada@example.com").await;
        ask(&client, "any@example.com").await;
        let code = client.code_number("ada@example.com", 2).await;
        for email in ["ada@example.com", "any@example.com"] {
            for _ in 0..6 {
                assert_eq!(reset(&client, email, &wrong(&code)).await, nobody, "wrong, then burnt");
            }
        }
        assert_eq!(reset(&client, "ada@example.com", &code).await, nobody);
    }
}
