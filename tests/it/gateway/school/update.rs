//! `PATCH /auth/update`

use std::time::Duration;

use super::{
    EMAIL, LOGIN, SHORT, UNAUTHORIZED, code, cookie, logged_in, reachable, registered, start, told,
};
use crate::support::{
    client::wrong,
    rest::Rest,
    service::{Engines, on_both_engines},
};

const LINE: &str = "PATCH /auth/update";
const UPDATED: &str = r#"200 {"message":"Berhasil mengupdate data!","accessToken":"TOKEN"}"#;
const WRONG: &str = r#"400 {"message":"Old password is wrong!"}"#;
const NEW_EMAIL: &str = "zackdesuuuuu@email.com";

async fn details(rest: &Rest) -> String {
    rest.ask("GET /auth/details").await.told()
}

on_both_engines! {
    async fn the_document_updates_everything(engines) {
        let node = start(engines).await;
        let rest = reachable(&node).await;
        let zack = logged_in(&rest).await;
        let code = code(&node, &rest, NEW_EMAIL).await;
        let body = format!(r#"{{
  "username": "zackdesuuuuu",
  "name": "Wongso Wijoyo",
  "email": "{NEW_EMAIL}",
  "oldPassword": "123456",
  "newPassword": "654321",
  "otp": "{code}"
}}"#);
        let answer = zack.send(LINE, &body).await;
        assert_eq!(answer.told(), UPDATED);
        let fresh = rest.with(&answer.at("/accessToken"));
        assert_eq!(
            details(&fresh).await,
            r#"200 {"user":{"id":"202272036","username":"zackdesuuuuu","name":"Wongso Wijoyo","email":"zackdesuuuuu@email.com","role":"MEMBER"}}"#
        );
        assert_eq!(rest.ask("GET /auth/refresh").await.status, 200, "the session goes on");
        let other = node.rest("school");
        let login = other.send("POST /auth/login", r#"{"username":"zackdesuuuuu","password":"654321"}"#).await;
        assert_eq!(login.status, 200);
        cookie(&login);
    }

    async fn a_new_email_needs_its_code(engines) {
        let node = start(engines).await;
        let rest = reachable(&node).await;
        let zack = logged_in(&rest).await;
        let bare = format!(r#"{{"email":"{NEW_EMAIL}"}}"#);
        assert_eq!(told(&zack, LINE, &bare).await, r#"400 {"message":"Masukkan kode OTP yang valid dari email!"}"#);
        let early = format!(r#"{{"email":"{NEW_EMAIL}","otp":"0123"}}"#);
        assert_eq!(told(&zack, LINE, &early).await, r#"404 {"message":"Kamu belum mengirim OTP ke emailmu!"}"#);
        let code = code(&node, &rest, NEW_EMAIL).await;
        let guess = format!(r#"{{"email":"{NEW_EMAIL}","otp":"{}"}}"#, wrong(&code));
        assert_eq!(told(&zack, LINE, &guess).await, r#"400 {"message":"Kode OTP salah!"}"#);
        let right = format!(r#"{{"email":"{NEW_EMAIL}","otp":"{code}"}}"#);
        assert_eq!(told(&zack, LINE, &right).await, UPDATED);
        assert!(details(&zack).await.contains(NEW_EMAIL));
    }

    async fn az_06_a_new_email_long_after_the_login_needs_the_old_password(engines) {
        let node = start(engines).await;
        let rest = reachable(&node).await;
        logged_in(&rest).await;
        node.advance(Duration::from_hours(1));
        let token = rest.ask("GET /auth/refresh").await.at("/accessToken");
        let zack = rest.with(&token);
        let code = code(&node, &rest, NEW_EMAIL).await;
        let body = format!(r#"{{"email":"{NEW_EMAIL}","otp":"{code}"}}"#);
        assert_eq!(
            told(&zack, LINE, &body).await,
            r#"403 {"message":"Masukkan password lamamu atau login ulang!"}"#
        );
        let proved = body.replace('}', r#","oldPassword":"123456"}"#);
        assert_eq!(told(&zack, LINE, &proved).await, UPDATED);
    }

    async fn az_07_a_new_password_needs_the_old_one(engines) {
        let node = start(engines).await;
        let rest = registered(&node).await;
        let zack = logged_in(&rest).await;
        for body in [
            r#"{"newPassword":"654321"}"#,
            r#"{"newPassword":"654321","oldPassword":""}"#,
            r#"{"newPassword":"654321","oldPassword":null}"#,
            r#"{"newPassword":"654321","oldPassword":"1234567"}"#,
            r#"{"newPassword":"","oldPassword":"1234567"}"#,
        ] {
            assert_eq!(told(&zack, LINE, body).await, WRONG, "{body}");
        }
        assert_eq!(node.rest("school").send("POST /auth/login", LOGIN).await.status, 200);
    }

    async fn a_taken_name_is_told(engines) {
        let node = start(engines).await;
        let rest = reachable(&node).await;
        let other = SHORT.replace("zackdesu", "neighbour").replace("36", "35");
        assert_eq!(rest.send("POST /auth/register", &other).await.status, 201);
        let zack = logged_in(&rest).await;
        assert_eq!(
            told(&zack, LINE, r#"{"username":"neighbour"}"#).await,
            r#"409 {"message":"Username sudah digunakan, ganti username anda dengan yang lain."}"#
        );
    }
}

#[tokio::test]
async fn an_email_stays_unless_another_takes_its_place() {
    let node = start(Engines::Embedded).await;
    let rest = reachable(&node).await;
    let zack = logged_in(&rest).await;
    assert_eq!(
        told(&zack, LINE, r#"{"email":""}"#).await,
        r#"403 {"message":"Email yang terdaftar tidak boleh dikosongkan!"}"#
    );
    let same = format!(r#"{{"email":"{EMAIL}","name":"Wongso Wijoyo"}}"#);
    for body in [same.as_str(), r#"{"email":null}"#, "{}"] {
        assert_eq!(told(&zack, LINE, body).await, UPDATED, "{body}");
    }
    let told = details(&zack).await;
    assert!(
        told.contains(EMAIL) && told.contains("Wongso Wijoyo"),
        "{told}"
    );
}

#[tokio::test]
async fn who_has_no_email_may_leave_it_blank() {
    let node = start(Engines::Embedded).await;
    let zack = logged_in(&registered(&node).await).await;
    let body = r#"{"email":"","name":"Wongso Wijoyo","otp":"","newPassword":""}"#;
    assert_eq!(told(&zack, LINE, body).await, UPDATED);
}

#[tokio::test]
async fn fields_that_cannot_be_taken_are_told_in_the_words_of_the_document() {
    let node = start(Engines::Embedded).await;
    let zack = logged_in(&registered(&node).await).await;
    for (body, text) in [
        (
            r#"{"username":"","name":"W"}"#,
            "Username harus lebih dari 3 huruf!, Nama harus lebih dari 2 huruf!",
        ),
        (r#"{"email":"nowhere"}"#, "Email tidak valid!"),
        (
            r#"{"oldPassword":"123456","newPassword":"1"}"#,
            "Password harus lebih dari 6 karakter!",
        ),
        (r#"{"otp":"12","name":"Wongso"}"#, "Kode OTP tidak valid!"),
    ] {
        let expected = format!(r#"400 {{"message":"{text}"}}"#);
        assert_eq!(told(&zack, LINE, body).await, expected, "{body}");
    }
}

#[tokio::test]
async fn who_calls_is_looked_at_before_what_is_asked() {
    let node = start(Engines::Embedded).await;
    let rest = registered(&node).await;
    for rest in [
        rest.clone(),
        rest.with("nonsense"),
        rest.with("Basic abc"),
        rest.with("Bearer "),
    ] {
        assert_eq!(told(&rest, LINE, r#"{"email":""}"#).await, UNAUTHORIZED);
        assert_eq!(told(&rest, LINE, "{").await, UNAUTHORIZED);
        assert_eq!(rest.ask("GET /auth/details").await.told(), UNAUTHORIZED);
    }
}
