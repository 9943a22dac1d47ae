//! `school`: a code before the registration, when it names an address at all.

use std::time::Duration;

use accountd::proto::{self, OtpPurpose};
use prost_types::{Struct, Value, value::Kind};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::support::{
    client::{Client, PASSWORD, assert_refused, reason, wrong},
    codes::attempts_left,
    service::{on_both_engines, start},
};

const EMAIL: &str = "zack@example.com";

fn number(value: f64) -> Value {
    Value {
        kind: Some(Kind::NumberValue(value)),
    }
}

fn text(value: &str) -> Value {
    Value {
        kind: Some(Kind::StringValue(value.to_owned())),
    }
}

/// What the document's example says.
fn attributes() -> Struct {
    let fields = [
        ("absentnum", number(36.0)),
        ("angkatan", number(12.0)),
        ("jurusan", text("KUL")),
        ("kelas", number(2.0)),
    ];
    Struct {
        fields: fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    }
}

/// A registration without an address.
fn pupil(client: &Client, username: &str, external_id: &str) -> proto::RegisterRequest {
    proto::RegisterRequest {
        email: String::new(),
        full_name: String::from("Wongso Wijaya"),
        external_id: external_id.to_owned(),
        attributes: Some(attributes()),
        ..client.registration(username)
    }
}

/// The same with an address and its code.
fn reachable(client: &Client, username: &str, code: &str) -> proto::RegisterRequest {
    proto::RegisterRequest {
        email: EMAIL.to_owned(),
        code: code.to_owned(),
        ..pupil(client, username, "202272036")
    }
}

async fn code(client: &Client) -> String {
    client
        .request_otp(EMAIL, OtpPurpose::ProveAddress)
        .await
        .unwrap();
    client.code_for(EMAIL).await
}

async fn with(client: &Client, name: &str, value: Value) -> Result<(), Status> {
    let mut message = pupil(client, "zackdesu", "202272036");
    message
        .attributes
        .as_mut()
        .unwrap()
        .fields
        .insert(name.to_owned(), value);
    client.register(message).await.map(drop)
}

on_both_engines! {
    async fn the_code_comes_first(engines) {
        let node = start(engines).await;
        let client = node.client_of("school");
        let code = code(&client).await;
        assert_eq!(code.len(), 4);
        let registered = client.register(reachable(&client, "zackdesu", &code)).await.unwrap();
        assert_eq!(registered.challenge, None);
        let account = registered.account.unwrap();
        assert_eq!(account.state(), proto::AccountState::Active);
        assert!(account.email_verified);
        assert_eq!((account.external_id.as_str(), account.role.as_str()), ("202272036", "MEMBER"));
        assert_eq!(account.attributes, Some(attributes()));
        client.login("zackdesu", PASSWORD).await.unwrap().tokens.unwrap();
    }

    async fn an_address_needs_its_code_and_none_needs_none(engines) {
        let node = start(engines).await;
        let client = node.client_of("school");
        let bare = client.register(reachable(&client, "zackdesu", "")).await;
        assert_refused(bare, Code::InvalidArgument, "CODE_REQUIRED");
        let early = client.register(reachable(&client, "zackdesu", "0123")).await;
        assert_refused(early, Code::FailedPrecondition, "CODE_NOT_FOUND");
        let account = client.register(pupil(&client, "zackdesu", "202272036")).await.unwrap().account.unwrap();
        assert_eq!((account.email.as_str(), account.email_verified), ("", false));
    }

    async fn three_guesses_and_five_minutes(engines) {
        let node = start(engines).await;
        let client = node.client_of("school");
        let first = code(&client).await;
        for left in [2, 1, 0] {
            let status = client.register(reachable(&client, "zackdesu", &wrong(&first))).await.unwrap_err();
            assert_eq!(attempts_left(&status), Some(left));
        }
        let spent = client.register(reachable(&client, "zackdesu", &first)).await;
        assert_refused(spent, Code::ResourceExhausted, "CODE_ATTEMPTS_EXHAUSTED");
        let again = client.request_otp(EMAIL, OtpPurpose::ProveAddress).await;
        assert_refused(again, Code::ResourceExhausted, "CODE_RESEND_TOO_SOON");
        node.advance(Duration::from_mins(5));
        let late = client.register(reachable(&client, "zackdesu", &first)).await;
        assert_refused(late, Code::FailedPrecondition, "CODE_EXPIRED");
        client.request_otp(EMAIL, OtpPurpose::ProveAddress).await.unwrap();
        let second = client.code_number(EMAIL, 2).await;
        client.register(reachable(&client, "zackdesu", &second)).await.unwrap();
    }

    async fn a_taken_name_does_not_burn_the_code(engines) {
        let node = start(engines).await;
        let client = node.client_of("school");
        client.register(pupil(&client, "zackdesu", "202272001")).await.unwrap();
        let code = code(&client).await;
        // More often than a code may be guessed.
        for _ in 0..4 {
            let taken = client.register(reachable(&client, "zackdesu", &code)).await;
            assert_refused(taken, Code::AlreadyExists, "USERNAME_TAKEN");
        }
        client.register(reachable(&client, "wongso", &code)).await.unwrap();
        let again = client.register(reachable(&client, "wijaya", &code)).await;
        assert_refused(again, Code::FailedPrecondition, "CODE_NOT_FOUND");
    }

    async fn an_external_id_is_that_of_one_pupil(engines) {
        let node = start(engines).await;
        let client = node.client_of("school");
        client.register(pupil(&client, "zackdesu", "202272036")).await.unwrap();
        let taken = client.register(pupil(&client, "wongso", "202272036")).await;
        assert_refused(taken, Code::AlreadyExists, "EXTERNAL_ID_TAKEN");
        let missing = client.register(pupil(&client, "wongso", "")).await;
        assert_refused(missing, Code::InvalidArgument, "INVALID_FIELD");
    }

    async fn attributes_stay_in_their_ranges(engines) {
        let node = start(engines).await;
        let client = node.client_of("school");
        for (name, value) in [
            ("absentnum", number(0.0)),
            ("absentnum", number(41.0)),
            ("absentnum", number(1.5)),
            ("absentnum", text("36")),
            ("angkatan", number(9.0)),
            ("angkatan", number(13.0)),
            ("jurusan", text("XYZ")),
            ("jurusan", text("kul")),
            ("kelas", number(0.0)),
            ("kelas", number(4.0)),
            ("role", text("ADMIN")),
        ] {
            let status = with(&client, name, value.clone()).await.unwrap_err();
            assert_eq!(reason(&status), "INVALID_FIELD", "{name} {value:?}");
            let violations = status.get_details_bad_request().unwrap().field_violations;
            assert!(violations.iter().any(|it| it.field.contains(name)), "{violations:?}");
        }
        for (number_of, (absentnum, angkatan, kelas)) in
            [(1.0, 10.0, 1.0), (40.0, 12.0, 3.0)].into_iter().enumerate()
        {
            let mut message = pupil(&client, &format!("pupil{number_of}"), &format!("20227200{number_of}"));
            let fields = &mut message.attributes.as_mut().unwrap().fields;
            for (name, value) in [("absentnum", absentnum), ("angkatan", angkatan), ("kelas", kelas)] {
                fields.insert(name.to_owned(), number(value));
            }
            client.register(message).await.unwrap();
        }
    }

    async fn a_new_address_brings_its_code(engines) {
        let node = start(engines).await;
        let client = node.client_of("school");
        client.register(pupil(&client, "zackdesu", "202272036")).await.unwrap();
        let tokens = client.login("zackdesu", PASSWORD).await.unwrap().tokens.unwrap();
        let zack = client.with(&tokens.access_token);
        let bare = zack.change_email(EMAIL).await;
        assert_refused(bare, Code::InvalidArgument, "CODE_REQUIRED");
        let code = code(&client).await;
        let message = proto::UpdateRequest {
            email: EMAIL.to_owned(),
            code,
            current_password: PASSWORD.to_owned(),
            ..proto::UpdateRequest::default()
        };
        let account = zack.update(message).await.unwrap().account.unwrap();
        assert_eq!((account.email.as_str(), account.email_verified), (EMAIL, true));
    }

    async fn a_new_address_needs_a_recent_login_and_a_new_password_the_old_one(engines) {
        let node = start(engines).await;
        let client = node.client_of("school");
        client.register(pupil(&client, "zackdesu", "202272036")).await.unwrap();
        let tokens = client.login("zackdesu", PASSWORD).await.unwrap().tokens.unwrap();
        let zack = client.with(&tokens.access_token);
        let both = proto::UpdateRequest {
            email: EMAIL.to_owned(),
            code: code(&client).await,
            password: String::from("another day at sea"),
            ..proto::UpdateRequest::default()
        };
        let bare = zack.update(both.clone()).await;
        assert_refused(bare, Code::InvalidArgument, "CURRENT_PASSWORD_INCORRECT");
        let address = proto::UpdateRequest { password: String::new(), ..both };
        let account = zack.update(address.clone()).await.unwrap().account.unwrap();
        assert_eq!(account.email, EMAIL);

        node.advance(Duration::from_mins(11));
        let tokens = client.refresh(&tokens.refresh_token).await.unwrap();
        let zack = client.with(&tokens.access_token);
        let address = proto::UpdateRequest { email: String::from("new@example.com"), ..address };
        let late = zack.update(address).await;
        assert_refused(late, Code::FailedPrecondition, "REAUTHENTICATION_REQUIRED");
    }
}
