//! `activate` and `reverify`.

use std::time::Duration;

use super::{SENT, SIGNUP, activate, code, signed_up, told};
use crate::support::{
    client::wrong,
    service::{on_both_engines, start},
};

const REVERIFY: &str = r#"{"username": "peter", "email": "peter@example.com"}"#;

fn pending() -> String {
    told(
        400,
        "PendingOtp",
        "A code was sent already and still works.",
    )
}

fn none() -> String {
    told(400, "OtpNotFound", "No code waits for this account.")
}

on_both_engines! {
    async fn the_fourth_trial_is_too_many_even_when_it_is_right(engines) {
        let node = start(engines).await;
        let rest = signed_up(&node).await;
        let right = code(&node, 1).await;
        for _ in 0..3 {
            let answer = activate(&rest, &wrong(&right)).await;
            assert_eq!(answer.told(), told(400, "InvalidOtp", "The code is not right."));
        }
        let answer = activate(&rest, &right).await;
        let text = "The code was tried too often. Ask for a new one.";
        assert_eq!(answer.told(), told(400, "TooMuchTrials", text));
        assert_eq!(rest.send("POST /customer/reverify", REVERIFY).await.told(), SENT);
        let answer = activate(&rest, &code(&node, 2).await).await;
        assert_eq!(answer.told(), r#"200 {"token":"TOKEN"}"#);
    }

    async fn a_code_expires_and_another_is_sent_only_then(engines) {
        let node = start(engines).await;
        let rest = signed_up(&node).await;
        let first = code(&node, 1).await;
        node.advance(Duration::from_secs(119));
        assert_eq!(rest.send("POST /customer/reverify", REVERIFY).await.told(), pending());
        node.advance(Duration::from_secs(1));
        let answer = activate(&rest, &first).await;
        let text = "The code has expired. Ask for a new one.";
        assert_eq!(answer.told(), told(400, "OtpExpired", text));
        assert_eq!(rest.send("POST /customer/reverify", REVERIFY).await.told(), SENT);
        let answer = activate(&rest, &code(&node, 2).await).await;
        assert_eq!(answer.told(), r#"200 {"token":"TOKEN"}"#);
    }

    async fn there_is_no_code_for_who_is_active_or_unknown(engines) {
        let node = start(engines).await;
        let rest = signed_up(&node).await;
        for body in [
            r#"{"username": "nobody", "otp": "123456"}"#,
            r#"{"username": "\u0000", "otp": "123456"}"#,
        ] {
            assert_eq!(rest.send("POST /customer/activate", body).await.told(), none());
        }
        let code = code(&node, 1).await;
        activate(&rest, &code).await;
        assert_eq!(activate(&rest, &code).await.told(), none());
        assert_eq!(rest.send("POST /customer/reverify", REVERIFY).await.told(), none());
        let nobody = REVERIFY.replace("peter", "nobody");
        assert_eq!(rest.send("POST /customer/reverify", &nobody).await.told(), none());
    }

    async fn a_code_goes_to_the_stored_address_and_to_no_other(engines) {
        let node = start(engines).await;
        let rest = signed_up(&node).await;
        code(&node, 1).await;
        node.advance(Duration::from_mins(2));
        for address in ["mallory@example.com", "not an address", "peter@EXAMPLE.com"] {
            let body = format!(r#"{{"username": "peter", "email": "{address}"}}"#);
            let answer = rest.send("POST /customer/reverify", &body).await;
            let expected = if address.contains("EXAMPLE") { SENT.to_owned() } else { none() };
            assert_eq!(answer.told(), expected, "{address}");
        }
        code(&node, 2).await;
        node.advance(Duration::from_mins(2));
        let answer = rest.send("POST /customer/reverify", r#"{"username": "peter"}"#).await;
        assert_eq!(answer.told(), SENT, "the address may be left out");
        code(&node, 3).await;
        let all = node.ground.mailer.outbox();
        assert!(all.iter().all(|letter| letter.to == "peter@example.com"));
    }

    async fn a_code_may_be_a_number_without_its_leading_zeros(engines) {
        let node = start(engines).await;
        // One code in ten begins with a zero.
        for number in 1..200 {
            let name = format!("peter{number}");
            let body = SIGNUP.replace("peter", &name);
            let body = body.replace("51234567", &(51_234_567 + number).to_string());
            let rest = node.rest("customer");
            assert_eq!(rest.send("POST /customer/signup", &body).await.told(), SENT);
            let client = node.client_of("customer");
            let code = client.code_for(&format!("{name}@example.com")).await;
            let bare = code.trim_start_matches('0');
            if bare.len() < 6 {
                let body = format!(r#"{{"username": "{name}", "otp": {bare}}}"#);
                let answer = rest.send("POST /customer/activate", &body).await;
                assert_eq!(answer.told(), r#"200 {"token":"TOKEN"}"#);
                return;
            }
        }
        panic!("no code begins with a zero");
    }
}
