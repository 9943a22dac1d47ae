//! `GetAccount`.

use std::sync::Arc;

use super::answers;
use crate::{
    accounts::fields::{Email, Id, Username},
    admin::{self, Whom},
    app::{App, Call, Realm},
    error::Result,
    grpc::{fields::Fields, subject},
    proto::{GetAccountRequest, GetAccountResponse, get_account_request},
    store::account::Name,
};

pub(super) async fn get_account(
    app: Arc<App>,
    call: Arc<Call>,
    realm: Arc<Realm>,
    request: GetAccountRequest,
) -> Result<GetAccountResponse> {
    let mut fields = Fields::default();
    let whom = whom(&mut fields, &realm, request.name.as_ref());
    fields.finish()?;
    let Some(whom) = whom else {
        return Err(fields.refusal());
    };
    let record = admin::get_account(&app, &call, &realm, &whom).await?;
    let scheme = scheme(&app, &record.account.password_hash);
    Ok(GetAccountResponse {
        record: Some(answers::record(record, scheme)),
    })
}

/// How the password is hashed; a hash that cannot be used is one, too.
fn scheme(app: &App, hash: &str) -> String {
    if hash.is_empty() {
        return String::new();
    }
    let found = app.hashing.check_stored(hash);
    found.map_or_else(|_| String::from("unusable"), |scheme| scheme.to_string())
}

fn whom(
    fields: &mut Fields,
    realm: &Realm,
    name: Option<&get_account_request::Name>,
) -> Option<Whom> {
    use get_account_request::Name as By;
    match name {
        None => {
            let text = "one of account_id, username, email, phone and external_id must be given";
            fields.refuse("name", "REQUIRED", text);
            None
        }
        Some(By::AccountId(id)) => fields
            .required("account_id", id, Id::parse)
            .map(|id| Whom::Id(id.uuid())),
        Some(By::Username(text)) => fields
            .required("username", text, subject::lookup)
            // A text that cannot be a user name is nobody's.
            .map(|text| Username::canonical_of(&text).map_or(Whom::Nobody, named_by)),
        Some(By::Email(text)) => fields
            .required("email", text, Email::parse)
            .map(|email| Whom::Name(Name::Email(email.canonical().to_owned()))),
        Some(By::Phone(text)) => fields
            .required("phone", text, |text| subject::phone(realm, text))
            .map(|phone| Whom::Name(Name::Phone(phone.canonical().to_owned()))),
        Some(By::ExternalId(text)) => fields
            .required("external_id", text, subject::lookup)
            .map(Whom::ExternalId),
    }
}

const fn named_by(canonical: String) -> Whom {
    Whom::Name(Name::Username(canonical))
}
