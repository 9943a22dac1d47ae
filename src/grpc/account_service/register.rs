//! `Register`.

use std::sync::Arc;

use super::subject;
use crate::{
    accounts::{
        self,
        fields::{
            AttributeViolation, Attributes, BirthDate, Code, Email, ExternalId, FullName, Password,
            Username,
        },
        register::{Input, Registered},
    },
    app::{App, Call, Realm},
    error::Result,
    grpc::{answers, attributes, fields::Fields},
    proto::{RegisterRequest, RegisterResponse},
};

pub(super) async fn register(
    app: Arc<App>,
    call: Arc<Call>,
    request: RegisterRequest,
) -> Result<Registered> {
    let realm = subject::realm(&app, &request.realm).await?;
    let input = input(&app, realm, request)?;
    accounts::register(&app, &call, &input).await
}

pub(super) fn answer(registered: Registered) -> RegisterResponse {
    RegisterResponse {
        account: Some(answers::account(registered.account)),
        challenge: registered.challenge.map(answers::challenge),
        picture_ticket: registered.picture_ticket.unwrap_or_default(),
    }
}

fn input(app: &App, realm: Arc<Realm>, request: RegisterRequest) -> Result<Input> {
    let rules = &realm.rules;
    let mut fields = Fields::default();
    let username = fields.present("username", &request.username, rules.username, |text| {
        Username::parse(text, &subject::username_rule(&realm))
    });
    let email = fields.present("email", &request.email, rules.email, Email::parse);
    let phone = fields.present("phone", &request.phone, rules.phone, |text| {
        subject::phone(&realm, text)
    });
    let full_name = fields.present("full_name", &request.full_name, rules.full_name, |text| {
        FullName::parse(text, &subject::full_name_rule(&realm))
    });
    let birth_date = birth_date(app, &mut fields, &realm, request.birth_date);
    let external_id = fields.present(
        "external_id",
        &request.external_id,
        rules.external_id,
        ExternalId::parse,
    );
    let attributes = extra(&mut fields, &realm, request.attributes);
    let locale = subject::locale(&mut fields, &realm, &request.locale);
    let context = context(&realm, username.as_ref(), email.as_ref());
    let context: Vec<&str> = context.iter().map(String::as_str).collect();
    let password = fields.required("password", &request.password, |text| {
        Password::parse(text, &subject::password_rule(&realm), &context)
    });
    let code = if request.code.is_empty() {
        None
    } else {
        fields
            .take("code", Code::parse(&request.code, rules.code_digits.into()))
            .map(|code| code.as_str().to_owned())
    };
    fields.finish()?;
    let Some(password) = password else {
        return Err(fields.refusal());
    };
    Ok(Input {
        realm,
        username,
        email,
        phone,
        full_name,
        birth_date,
        external_id,
        attributes,
        locale,
        password,
        code,
        picture_ticket: request.picture_ticket,
    })
}

/// Words that must not be the password: the account's own names and the realm's.
pub(super) fn context(
    realm: &Realm,
    username: Option<&Username>,
    email: Option<&Email>,
) -> Vec<String> {
    let mut words = vec![String::from("accountd"), realm.rules.title.clone()];
    words.extend(username.map(|username| username.typed().to_owned()));
    if let Some(email) = email {
        words.push(email.typed().to_owned());
        words.push(email.local_part().to_owned());
    }
    words
}

pub(super) fn birth_date(
    app: &App,
    fields: &mut Fields,
    realm: &Realm,
    date: Option<crate::proto::Date>,
) -> Option<BirthDate> {
    use crate::config::Presence;
    match (date, realm.rules.birth_date) {
        (None, Presence::Required) => {
            fields.refuse("birth_date", "REQUIRED", "must be given");
            None
        }
        (None, _) => None,
        (Some(_), Presence::Off) => {
            fields.refuse("birth_date", "NOT_SUPPORTED", "is not kept by the realm");
            None
        }
        (Some(date), _) => fields.take(
            "birth_date",
            BirthDate::parse(date.year, date.month, date.day, app.clock.now()),
        ),
    }
}

/// The extra attributes as JSON text, if the realm's schema takes them.
pub(super) fn extra(
    fields: &mut Fields,
    realm: &Realm,
    object: Option<prost_types::Struct>,
) -> Option<String> {
    let given = object.is_some();
    let object = object.map(attributes::to_json).unwrap_or_default();
    let Some(schema) = &realm.attributes else {
        if !object.is_empty() {
            fields.refuse("attributes", "NOT_SUPPORTED", "the realm has no attributes");
        }
        return None;
    };
    match Attributes::parse(object, schema) {
        // A schema without required members is satisfied by nothing.
        Ok(_) if !given => None,
        Ok(attributes) => serde_json::to_string(attributes.as_map()).ok(),
        Err(faults) => {
            for AttributeViolation { pointer, violation } in faults {
                let field = format!("attributes{pointer}");
                fields.refuse(&field, violation.reason, violation.text);
            }
            None
        }
    }
}
