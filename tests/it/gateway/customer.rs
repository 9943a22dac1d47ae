//! The document `customer.txt`, exchange by exchange.

mod codes;
mod pictures;
mod signup_forms;
mod tokens;
mod update;
mod wire;

use crate::support::{
    rest::{Answer, Rest},
    service::{Node, on_both_engines, start},
};

const SIGNUP: &str = r#"{
    "username": "peter",
    "password": "a long day at sea",
    "email": "peter@example.com",
    "phoneNum": "51234567"
}"#;
const SIGNIN: &str = r#"{"username": "peter", "password": "a long day at sea"}"#;
const SENT: &str = r#"200 {"name":"VerificationEmailSent","value":"A code is on its way to the email.","message":"A code is on its way to the email."}"#;
const INACTIVE: &str = r#"401 {"name":"InactiveUserRequest","value":"The user is not logged in.","message":"The user is not logged in."}"#;

async fn signed_up(node: &Node) -> Rest {
    let rest = node.rest("customer");
    let answer = rest.send("POST /customer/signup", SIGNUP).await;
    assert_eq!(answer.told(), SENT);
    rest
}

/// The latest of so many codes that were sent to Peter.
async fn code(node: &Node, number: usize) -> String {
    let client = node.client_of("customer");
    client.code_number("peter@example.com", number).await
}

async fn activate(rest: &Rest, code: &str) -> Answer {
    let body = format!(r#"{{"username": "peter", "otp": "{code}"}}"#);
    rest.send("POST /customer/activate", &body).await
}

/// A front end that is logged in.
async fn joined(node: &Node) -> Rest {
    let rest = signed_up(node).await;
    let answer = activate(&rest, &code(node, 1).await).await;
    rest.with(&format!("Bearer {}", answer.at("/token")))
}

fn told(status: u16, name: &str, text: &str) -> String {
    format!(r#"{status} {{"name":"{name}","value":"{text}","message":"{text}"}}"#)
}

on_both_engines! {
    async fn a_whole_life(engines) {
        let node = start(engines).await;
        let rest = signed_up(&node).await;
        let answer = rest.send("POST /customer/signin", SIGNIN).await;
        assert_eq!(
            answer.told(),
            told(401, "AccountNotActivated", "The account waits for its code."),
        );

        let answer = activate(&rest, &code(&node, 1).await).await;
        assert_eq!(answer.told(), r#"200 {"token":"TOKEN"}"#);
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");

        let answer = rest.send("POST /customer/signin", SIGNIN).await;
        assert_eq!(answer.told(), r#"200 {"token":"TOKEN"}"#);
        let peter = rest.with(&format!("Bearer {}", answer.at("/token")));
        let answer = peter.ask("POST /customer/logout").await;
        assert_eq!(answer.told(), told(200, "SuccessfullyLogout", "You are logged out."));
        assert_eq!(peter.ask("POST /customer/logout").await.told(), INACTIVE);
    }

    async fn a_token_stays_dead_when_its_owner_signs_in_again(engines) {
        let node = start(engines).await;
        let peter = joined(&node).await;
        peter.ask("POST /customer/logout").await;
        let again = peter.send("POST /customer/signin", SIGNIN).await;
        assert_eq!(again.told(), r#"200 {"token":"TOKEN"}"#);
        assert_eq!(peter.ask("POST /customer/update").await.told(), INACTIVE);
        let anew = peter.with(&format!("Bearer {}", again.at("/token")));
        assert_eq!(anew.ask("POST /customer/update").await.status, 200);
    }

    async fn what_is_taken_is_told(engines) {
        let node = start(engines).await;
        let rest = joined(&node).await;
        let taken = [
            ("peter@", "another@", "51234567", "61234567", "The username is taken."),
            (r#""peter""#, r#""another""#, "51234567", "61234567", "The email is taken."),
            ("peter", "another", "nothing", "nothing", "The phone number is taken."),
        ];
        for (from, to, from_phone, to_phone, text) in taken {
            let body = SIGNUP.replace(from, to).replace(from_phone, to_phone);
            let answer = rest.send("POST /customer/signup", &body).await;
            assert_eq!(answer.told(), told(400, "UserAlreadyExisted", text));
        }
    }

    async fn a_registration_that_waits_is_replaced_by_one_of_the_same_email(engines) {
        let node = start(engines).await;
        let rest = signed_up(&node).await;
        let first = code(&node, 1).await;
        let body = SIGNUP.replace("a long day", "another day");
        assert_eq!(rest.send("POST /customer/signup", &body).await.told(), SENT);
        let second = code(&node, 2).await;
        if first != second {
            assert_eq!(activate(&rest, &first).await.at("/name"), "InvalidOtp");
        }
        assert_eq!(activate(&rest, &second).await.told(), r#"200 {"token":"TOKEN"}"#);
        let answer = rest.send("POST /customer/signin", SIGNIN).await;
        assert_eq!(answer.told(), told(401, "InvalidPassword", "The password is not right."));
    }
}
