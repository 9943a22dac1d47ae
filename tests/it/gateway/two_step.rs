//! The document `two_step.txt`, exchange by exchange.

mod account;
mod strangers;
mod wire;

use std::time::Duration;

use crate::support::{
    client::wrong,
    rest::{Answer, Rest},
    service::{Node, on_both_engines, start},
};

pub(super) const REGISTRATION: &str = r#"{
  "username": "narutokonoha",
  "password": "naruto123",
  "passwordConfirmation": "naruto123",
  "email": "naruto@gmail.com",
  "name": "Uzumaki Naruto"
}"#;
pub(super) const LOGIN: &str = r#"{
  "email": "naruto@gmail.com",
  "passoword": "naruto123"
}"#;
const INCORRECT: &str = r#"400 {"errors":"Verification code is incorrenct"}"#;
const NOT_VALID: &str = r#"401 {"errors":"username or password not valid"}"#;
const UNAUTHORIZED: &str = r#"401 {"errors":"Unauthorized"}"#;
const CURRENT: &str =
    r#"200 {"username":"narutokonoha","name":"Uzumaki Naruto","email":"naruto@gmail.com"}"#;

/// The newest of so many codes to the address.
pub(super) async fn code(node: &Node, address: &str, count: usize) -> String {
    let client = node.client_of("two_step");
    client.codes_for(address, count).await.pop().unwrap()
}

pub(super) async fn verify_registration(rest: &Rest, id: &str, code: &str) -> Answer {
    let body = format!(r#"{{"userId": "{id}", "code": "{code}"}}"#);
    rest.send("POST /api/users/register/verify-verification-code", &body)
        .await
}

pub(super) async fn verify_login(rest: &Rest, id: &str, username: &str, code: &str) -> Answer {
    let body = format!(r#"{{"userId": "{id}", "username" : "{username}", "code": "{code}"}}"#);
    rest.send("POST /api/users/login/verify-verification-code", &body)
        .await
}

/// A registration that waits for its code.
pub(super) async fn registered(node: &Node) -> (Rest, String) {
    let rest = node.rest("two_step");
    let answer = rest.send("POST /api/users", REGISTRATION).await;
    let id = answer.at("/data/userId");
    (rest, id)
}

/// An account, and its id.
pub(super) async fn activated(node: &Node) -> (Rest, String) {
    let (rest, id) = registered(node).await;
    let code = code(node, "naruto@gmail.com", 1).await;
    assert_eq!(verify_registration(&rest, &id, &code).await.status, 201);
    (rest, id)
}

/// Another account, `sasuke`.
async fn another(node: &Node) -> String {
    let rest = node.rest("two_step");
    let body = REGISTRATION
        .replace("narutokonoha", "sasuke")
        .replace("naruto@", "sasuke@");
    let answer = rest.send("POST /api/users", &body).await;
    let id = answer.at("/data/userId");
    let code = code(node, "sasuke@gmail.com", 1).await;
    assert_eq!(verify_registration(&rest, &id, &code).await.status, 201);
    id
}

/// A front end that is logged in, by the second code to the address, and the id of its account.
async fn joined(node: &Node) -> (Rest, String) {
    let (rest, id) = activated(node).await;
    let token = logged_in(node, &rest, &id, 2).await;
    (rest.with(&token), id)
}

/// Both steps; the token.
async fn logged_in(node: &Node, rest: &Rest, id: &str, count: usize) -> String {
    let answer = rest.send("POST /api/users/login", LOGIN).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let code = code(node, "naruto@gmail.com", count).await;
    let answer = verify_login(rest, id, "narutokonoha", &code).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.at("/data/token")
}

on_both_engines! {
    async fn register_answers_with_the_id(engines) {
        let node = start(engines).await;
        let rest = node.rest("two_step");
        let answer = rest.send("POST /api/users", REGISTRATION).await;
        assert_eq!(
            answer.told(),
            r#"200 {"data":{"userId":"ID","message":"Verification code sent successfully"}}"#,
        );
        assert_eq!(answer.header("content-type"), "application/json");
    }

    async fn a_taken_username_or_email_is_told(engines) {
        let node = start(engines).await;
        let (rest, _) = activated(&node).await;
        let again = REGISTRATION.replace("narutokonoha", "another");
        let answer = rest.send("POST /api/users", &again).await;
        assert_eq!(answer.told(), r#"400 {"errors":"email already used"}"#);
        let again = REGISTRATION.replace("naruto@", "another@");
        let answer = rest.send("POST /api/users", &again).await;
        assert_eq!(answer.told(), r#"400 {"errors":"username already used"}"#);
    }

    async fn a_code_activates_once(engines) {
        let node = start(engines).await;
        let (rest, id) = registered(&node).await;
        let code = code(&node, "naruto@gmail.com", 1).await;
        let answer = verify_registration(&rest, &id, &wrong(&code)).await;
        assert_eq!(answer.told(), INCORRECT);
        let answer = verify_registration(&rest, &id, &code).await;
        assert_eq!(
            answer.told(),
            r#"201 {"data":{"userId":"ID","message":"registration successful, please login"}}"#,
        );
        assert_eq!(answer.at("/data/userId"), id);
        assert_eq!(verify_registration(&rest, &id, &code).await.told(), INCORRECT, "used");
    }

    async fn a_login_takes_a_password_and_then_a_code(engines) {
        let node = start(engines).await;
        let (rest, id) = registered(&node).await;
        let answer = rest.send("POST /api/users/login", LOGIN).await;
        assert_eq!(answer.told(), NOT_VALID, "not active yet");
        let first = code(&node, "naruto@gmail.com", 1).await;
        verify_registration(&rest, &id, &first).await;
        let answer = rest.send("POST /api/users/login", LOGIN).await;
        assert_eq!(
            answer.told(),
            r#"200 {"data":{"userId":"ID","username":"narutokonoha","message":"Verification code sent successfully"}}"#,
        );
        assert_eq!(answer.at("/data/userId"), id);
        let code = code(&node, "naruto@gmail.com", 2).await;
        let answer = verify_login(&rest, &id, "narutokonoha", &wrong(&code)).await;
        assert_eq!(answer.told(), INCORRECT);
        let answer = verify_login(&rest, &id, "narutokonoha", &code).await;
        assert_eq!(
            answer.told(),
            r#"200 {"data":{"userId":"ID","email":"naruto@gmail.com","username":"narutokonoha","name":"Uzumaki Naruto","message":"Login successful","token":"TOKEN"}}"#,
        );
        assert_eq!(answer.at("/data/userId"), id);
        let again = verify_login(&rest, &id, "narutokonoha", &code).await;
        assert_eq!(again.told(), INCORRECT, "used");
        let rest = rest.with(&answer.at("/data/token"));
        assert_eq!(rest.ask("GET /api/users/current").await.told(), CURRENT);
    }

    async fn a_code_lives_three_minutes(engines) {
        let node = start(engines).await;
        let (rest, id) = activated(&node).await;
        rest.send("POST /api/users/login", LOGIN).await;
        let code = code(&node, "naruto@gmail.com", 2).await;
        node.advance(Duration::from_mins(3));
        assert_eq!(verify_login(&rest, &id, "narutokonoha", &code).await.told(), INCORRECT);
    }

    async fn ot_17_a_code_without_its_password_step_opens_nothing(engines) {
        let node = start(engines).await;
        let (rest, id) = activated(&node).await;
        let first = code(&node, "naruto@gmail.com", 1).await;
        let answer = verify_login(&rest, &id, "narutokonoha", &first).await;
        assert_eq!(answer.told(), INCORRECT, "the code of the registration, no password");
        rest.send("POST /api/users/login", LOGIN).await;
        let second = code(&node, "naruto@gmail.com", 2).await;
        let answer = verify_registration(&rest, &id, &second).await;
        assert_eq!(answer.told(), INCORRECT, "the code of a login activates nothing");
        let other = another(&node).await;
        let answer = verify_login(&rest, &other, "sasuke", &second).await;
        assert_eq!(answer.told(), INCORRECT, "another account's id");
        let answer = verify_login(&rest, &other, "narutokonoha", &second).await;
        assert_eq!(answer.told(), INCORRECT, "another account's id under the right name");
        let answer = verify_login(&rest, &id, "narutokonoha", &second).await;
        assert_eq!(answer.status, 200, "it still works where it belongs");
    }

    async fn ot_17_the_code_of_an_earlier_attempt_is_over(engines) {
        let node = start(engines).await;
        let (rest, id) = activated(&node).await;
        rest.send("POST /api/users/login", LOGIN).await;
        let earlier = code(&node, "naruto@gmail.com", 2).await;
        node.advance(Duration::from_secs(30));
        rest.send("POST /api/users/login", LOGIN).await;
        let later = code(&node, "naruto@gmail.com", 3).await;
        // One time in a million they are the same.
        if earlier != later {
            let answer = verify_login(&rest, &id, "narutokonoha", &earlier).await;
            assert_eq!(answer.told(), INCORRECT);
        }
        let answer = verify_login(&rest, &id, "narutokonoha", &later).await;
        assert_eq!(answer.status, 200);
    }

    async fn a_code_never_opens_the_account_that_a_request_names(engines) {
        let node = start(engines).await;
        let (rest, id) = activated(&node).await;
        another(&node).await;
        rest.send("POST /api/users/login", LOGIN).await;
        let code = code(&node, "naruto@gmail.com", 2).await;
        let answer = verify_login(&rest, &id, "sasuke", &code).await;
        assert_eq!(answer.told(), INCORRECT);
        node.advance(Duration::from_secs(30));
        let token = logged_in(&node, &rest, &id, 3).await;
        let sessions = node.client_of("two_step").with(&token).sessions().await.unwrap();
        assert_eq!(sessions.len(), 1, "the session that nobody was told of has ended");
    }
}
