//! A delivery that comes too late to be told so beforehand leaves the code of the first one alone.

use std::{net::IpAddr, sync::Arc};

use accountd::{
    accounts::{
        self,
        fields::{Email, Password, PasswordRule},
        register, update,
    },
    app::Call,
    error::Error,
    mails::Locale,
    replay::Name,
    sessions,
};

use tokio_util::sync::CancellationToken;

use super::*;
use crate::support::{codes::Who, service::start};

/// A named call that has found no answer to its name yet.
fn named(bearer: Option<&str>) -> Call {
    Call {
        request_id: String::from("late"),
        peer: IpAddr::from([127, 0, 0, 1]),
        user_agent: String::new(),
        gone: CancellationToken::new(),
        deadline: None,
        bearer: bearer.map(Arc::from),
        realm: None,
        operator: None,
        named: Some(Name {
            is_for_session: false,
            key: String::from("late"),
            fingerprint: [1; 32],
        }),
    }
}

fn password() -> Password {
    let rule = PasswordRule {
        min: 8,
        max: 64,
        blocklist: false,
        classes: false,
    };
    Password::parse(PASSWORD, &rule, &[]).unwrap()
}

on_both_engines! {
    async fn px_14_a_late_registration_leaves_the_first_and_its_code_alone(engines) {
        let node = start(engines).await;
        let call = named(None);
        let input = register::Input {
            realm: node.app.realm("default").unwrap(),
            username: None,
            email: Some(Email::parse(EMAIL).unwrap()),
            phone: None,
            full_name: None,
            birth_date: None,
            external_id: None,
            attributes: None,
            locale: Locale::parse("en").unwrap(),
            password: password(),
            code: None,
            picture_ticket: false,
        };
        let first = accounts::register(&node.app, &call, &input).await.unwrap();
        let late = accounts::register(&node.app, &call, &input).await;
        assert_eq!(late.unwrap_err(), Error::RequestIdReused);
        let client = node.client();
        let code = client.code_for(EMAIL).await;
        client.activate(&first.account.id.to_string(), &code).await.unwrap();
    }

    async fn px_14_a_late_change_of_address_leaves_the_code_of_the_first_alone(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let call = named(ada.token.as_deref());
        let change = async || {
            let principal = sessions::authenticate(&node.app, &call).await.unwrap();
            let input = update::Input {
                email: Some(Some(Email::parse("ada@example.org").unwrap())),
                current_password: Some(password()),
                ..update::Input::default()
            };
            accounts::update(&node.app, &call, &principal, input, || Ok(())).await
        };
        assert!(change().await.unwrap().challenge.is_some());
        assert_eq!(change().await.unwrap_err(), Error::RequestIdReused);
        let code = ada.code_for("ada@example.org").await;
        let id = ada.current().await.unwrap().id;
        let changed = ada.bring(OtpPurpose::ChangeEmail, Who::Id(&id), &code).await.unwrap();
        assert_eq!(changed.account.unwrap().email, "ada@example.org");
    }
}
