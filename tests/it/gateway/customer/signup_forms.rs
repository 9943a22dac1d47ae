//! `POST /customer/signup` as a form, with and without a picture.

use reqwest::multipart::{Form, Part};

use super::{SENT, SIGNIN, SIGNUP, activate, code};
use crate::support::{
    rest::{Answer, Rest},
    samples,
    service::{Engines, Ground, on_both_engines, start},
};

fn form() -> Form {
    Form::new()
        .text("username", "peter")
        .text("password", "a long day at sea")
        .text("email", "peter@example.com")
        .text("phoneNum", "51234567")
}

fn with_file(form: Form, file: Vec<u8>, media_type: &str) -> Form {
    let part = Part::bytes(file).file_name("me.png");
    form.part("profile", part.mime_str(media_type).unwrap())
}

async fn sign_up(rest: &Rest, form: Form) -> Answer {
    let request = rest.begin("POST", "/customer/signup");
    rest.finish(request.multipart(form)).await
}

on_both_engines! {
    async fn a_form_registers_with_its_picture(engines) {
        let node = start(engines).await;
        let rest = node.rest("customer");
        let answer = sign_up(&rest, with_file(form(), samples::png(40, 30), "image/png")).await;
        assert_eq!(answer.told(), SENT);
        let token = activate(&rest, &code(&node, 1).await).await.at("/token");
        let peter = rest.with(&format!("Bearer {token}"));
        let picture = peter.ask("POST /customer/getProfilePic").await;
        assert_eq!(image::load_from_memory(&picture.bytes).unwrap().width(), 40);
        let answer = peter.ask("POST /customer/update").await;
        assert_eq!(answer.told(), r#"200 {"username":"peter","email":"peter@example.com","phoneNum":"51234567"}"#);
    }

    async fn a_form_registers_without_one(engines) {
        let node = start(engines).await;
        let rest = node.rest("customer");
        // As a browser sends it where no file was chosen.
        let empty = Part::bytes(Vec::new()).file_name("").mime_str("application/octet-stream").unwrap();
        let answer = sign_up(&rest, form().part("profile", empty)).await;
        assert_eq!(answer.told(), SENT);
        assert_eq!(activate(&rest, &code(&node, 1).await).await.told(), r#"200 {"token":"TOKEN"}"#);
    }

    async fn a_file_that_is_seen_to_be_bad_registers_nothing(engines) {
        let node = start(engines).await;
        let rest = node.rest("customer");
        let large = [samples::png(20, 20), vec![0; 3 * 1024 * 1024]].concat();
        for form in [
            with_file(form(), b"<svg/>".to_vec(), "image/svg+xml"),
            with_file(form(), samples::webp(20, 20), "image/webp"),
            with_file(form(), samples::png(20, 20), "image/gif"),
            with_file(form(), large, "image/png"),
            form().text("profile", "me.png"),
        ] {
            let answer = sign_up(&rest, form).await;
            assert_eq!(answer.status, 400);
            assert_eq!(answer.at("/name"), "FileExtensionError");
        }
        let answer = rest.send("POST /customer/signin", SIGNIN).await;
        assert_eq!(answer.at("/name"), "UserNotFound");
        assert!(node.ground.mailer.outbox().is_empty());
    }

    async fn a_file_that_turns_out_to_be_bad_is_told_beside_the_registration(engines) {
        let node = start(engines).await;
        let rest = node.rest("customer");
        let file = samples::png(40, 40);
        let answer = sign_up(&rest, with_file(form(), file[..60].to_vec(), "image/png")).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.at("/name"), "FileExtensionError");
        let text = "The account is registered and its code is on its way, but it has no picture: ";
        assert!(answer.at("/message").starts_with(text), "{}", answer.text());
        code(&node, 1).await;
        // Who tries again with a better file gets what was wanted.
        let answer = sign_up(&rest, with_file(form(), file, "image/png")).await;
        assert_eq!(answer.told(), SENT);
        let token = activate(&rest, &code(&node, 2).await).await.at("/token");
        let peter = rest.with(&format!("Bearer {token}"));
        let picture = peter.ask("POST /customer/getProfilePic").await;
        assert_eq!(picture.header("content-type"), "image/png");
    }

    async fn a_form_sent_again_under_its_key_happens_once(engines) {
        let node = start(engines).await;
        let rest = node.rest("customer");
        for _ in 0..2 {
            let request = rest.begin("POST", "/customer/signup");
            let request = request.header("idempotency-key", "d0c4a5de-6a43-4b43-9a5f-0c6f4b9f7f0e");
            let form = with_file(form(), samples::png(20, 20), "image/png");
            assert_eq!(rest.finish(request.multipart(form)).await.told(), SENT);
        }
        assert_eq!(activate(&rest, &code(&node, 1).await).await.told(), r#"200 {"token":"TOKEN"}"#);
        assert_eq!(node.ground.mailer.outbox().len(), 1);
    }
}

#[tokio::test]
async fn bi_14_forms_that_are_wrong_are_refused_in_the_dialects_words() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("customer");
    for (form, status, name) in [
        (Form::new(), 400, "ValidationError"),
        (
            form().text("email", "mallory@example.com"),
            400,
            "ValidationError",
        ),
        (
            form().text("more", "x".repeat(70_000)),
            413,
            "PayloadTooLarge",
        ),
    ] {
        let answer = sign_up(&rest, form).await;
        assert_eq!(
            (answer.status.as_u16(), answer.at("/name").as_str()),
            (status, name)
        );
    }
    for body in [
        "",
        "--x",
        "--x\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\npe",
    ] {
        let request = rest.begin("POST", "/customer/signup").body(body);
        let request = request.header("content-type", "multipart/form-data; boundary=x");
        let answer = rest.finish(request).await;
        assert_eq!(
            (answer.status.as_u16(), answer.at("/name").as_str()),
            (400, "ValidationError")
        );
    }
    assert!(node.ground.mailer.outbox().is_empty());
}

#[tokio::test]
async fn the_picture_limit_is_that_of_the_realm() {
    let ground = Ground::with(Engines::Embedded, |settings| {
        Ground::realm(settings, "customer").picture_max_bytes = 2000;
    });
    let node = ground.await.node().await;
    let rest = node.rest("customer");
    let mut file = samples::png(4, 4);
    file.resize(2001, 0);
    let answer = sign_up(&rest, with_file(form(), file, "image/png")).await;
    assert_eq!(answer.at("/name"), "FileExtensionError");
    assert_eq!(
        rest.send("POST /customer/signup", SIGNUP).await.told(),
        SENT
    );
}
