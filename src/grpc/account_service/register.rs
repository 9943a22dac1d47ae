//! `Register`.

use std::sync::Arc;

use crate::{
    accounts::{
        self,
        fields::{Code, Password},
        register::{Input, Registered},
    },
    app::{App, Call, Realm},
    error::Result,
    grpc::{
        answers,
        fields::Fields,
        person::{Given, context, person},
        subject,
    },
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
    let mut fields = Fields::default();
    let given = Given {
        username: &request.username,
        email: &request.email,
        phone: &request.phone,
        full_name: &request.full_name,
        birth_date: request.birth_date,
        external_id: &request.external_id,
        attributes: request.attributes,
        locale: &request.locale,
    };
    let person = person(app, &mut fields, &realm, given);
    let context = context(&realm, person.username.as_ref(), person.email.as_ref());
    let context: Vec<&str> = context.iter().map(String::as_str).collect();
    let password = fields.required("password", &request.password, |text| {
        Password::parse(text, &subject::password_rule(&realm), &context)
    });
    let code = if request.code.is_empty() {
        None
    } else {
        fields
            .take(
                "code",
                Code::parse(&request.code, realm.rules.code_digits.into()),
            )
            .map(|code| code.as_str().to_owned())
    };
    fields.finish()?;
    let Some(password) = password else {
        return Err(fields.refusal());
    };
    Ok(Input {
        realm,
        username: person.username,
        email: person.email,
        phone: person.phone,
        full_name: person.full_name,
        birth_date: person.birth_date,
        external_id: person.external_id,
        attributes: person.attributes,
        locale: person.locale,
        password,
        code,
        picture_ticket: request.picture_ticket,
    })
}
