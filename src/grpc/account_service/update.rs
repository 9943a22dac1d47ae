//! `Update`.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    accounts::{
        self, Principal,
        fields::{Code, Email, FullName, Password, Username},
        update::{Input, Updated},
    },
    app::{App, Call},
    error::{Error, Result},
    grpc::{
        answers,
        fields::Fields,
        person::{birth_date, context, extra},
        subject,
    },
    proto::{UpdateRequest, UpdateResponse},
    sessions::{self, Tokens},
};

/// What `update_mask` may name.
const PATHS: [&str; 8] = [
    "username",
    "email",
    "phone",
    "full_name",
    "birth_date",
    "locale",
    "attributes",
    "password",
];

pub(super) async fn update(
    app: Arc<App>,
    call: Arc<Call>,
    request: UpdateRequest,
) -> Result<Updated<Tokens>> {
    // Who calls comes before what is asked, so that a stranger learns nothing from the answer (AIP-211).
    let principal = sessions::authenticate(&app, &call).await?;
    let input = input(&app, &principal, request)?;
    let fresh = || sessions::open::access(&app, &principal.realm, &principal.session);
    accounts::update(&app, &call, &principal, input, fresh).await
}

pub(super) fn answer(updated: Updated<Tokens>) -> UpdateResponse {
    UpdateResponse {
        account: Some(answers::account(updated.account)),
        challenge: updated.challenge.map(answers::challenge),
        tokens: updated.fresh.map(answers::tokens),
    }
}

fn input(app: &App, principal: &Principal, request: UpdateRequest) -> Result<Input> {
    let realm = &principal.realm;
    let rules = &realm.rules;
    let mut fields = Fields::default();
    let named = named(&mut fields, &request);
    let has = |path: &str| named.contains(path);
    let mut input = Input::default();
    if has("username") {
        input.username = Some(fields.present(
            "username",
            &request.username,
            rules.username,
            |text| Username::parse(text, &subject::username_rule(realm)),
        ));
    }
    if has("email") {
        input.email = Some(fields.present("email", &request.email, rules.email, Email::parse));
    }
    if has("phone") {
        input.phone = Some(
            fields.present("phone", &request.phone, rules.phone, |text| {
                subject::phone(realm, text)
            }),
        );
    }
    if has("full_name") {
        input.full_name = Some(fields.present(
            "full_name",
            &request.full_name,
            rules.full_name,
            |text| FullName::parse(text, &subject::full_name_rule(realm)),
        ));
    }
    if has("birth_date") {
        input.birth_date = Some(birth_date(app, &mut fields, realm, request.birth_date));
    }
    if has("locale") {
        input.locale = Some(subject::locale(&mut fields, realm, &request.locale));
    }
    if has("attributes") {
        input.attributes = Some(extra(&mut fields, realm, request.attributes));
    }
    if has("password") {
        input.password = new_password(&mut fields, principal, &input, &request.password);
    }
    if !request.current_password.is_empty() {
        input.current_password =
            subject::presented(&mut fields, "current_password", &request.current_password);
    }
    if !request.code.is_empty() {
        input.code = fields
            .take("code", Code::parse(&request.code, rules.code_digits.into()))
            .map(|code| code.as_str().to_owned());
    }
    let etag = fields.plain("etag", &request.etag);
    input.etag = (!etag.is_empty()).then(|| etag.to_owned());
    fields.finish()?;
    if named.is_empty() && input.current_password.is_none() {
        return Err(Error::field(
            "update_mask",
            "REQUIRED",
            "nothing is to be changed",
        ));
    }
    Ok(input)
}

/// The fields that the mask names, or without a mask those that are not empty (AIP-134).
fn named(fields: &mut Fields, request: &UpdateRequest) -> BTreeSet<&'static str> {
    if let Some(mask) = &request.update_mask {
        if mask.paths.len() > PATHS.len() * 2 {
            fields.refuse(
                "update_mask",
                "TOO_LONG",
                "names more fields than there are",
            );
            return BTreeSet::new();
        }
        let known = |path: &String| PATHS.into_iter().find(|known| known == path);
        let named: Option<BTreeSet<&'static str>> = mask.paths.iter().map(known).collect();
        // Told once, however many there are.
        return named.unwrap_or_else(|| {
            let text = "names a field that cannot be changed";
            fields.refuse("update_mask", "NOT_SUPPORTED", text);
            BTreeSet::new()
        });
    }
    let given = [
        !request.username.is_empty(),
        !request.email.is_empty(),
        !request.phone.is_empty(),
        !request.full_name.is_empty(),
        request.birth_date.is_some(),
        !request.locale.is_empty(),
        request.attributes.is_some(),
        !request.password.is_empty(),
    ];
    PATHS
        .into_iter()
        .zip(given)
        .filter_map(|(path, given)| given.then_some(path))
        .collect()
}

/// The new password, which must not be a name of the account's, new or old.
fn new_password(
    fields: &mut Fields,
    principal: &Principal,
    input: &Input,
    text: &str,
) -> Option<Password> {
    let realm = &principal.realm;
    let username = input.username.as_ref().and_then(Option::as_ref);
    let email = input.email.as_ref().and_then(Option::as_ref);
    let mut words = context(realm, username, email);
    words.extend(principal.account.username.clone());
    if let Some(email) = &principal.account.email {
        words.extend(email.split_once('@').map(|(local, _)| local.to_owned()));
        words.push(email.clone());
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    fields.required("password", text, |text| {
        Password::parse(text, &subject::password_rule(realm), &words)
    })
}
