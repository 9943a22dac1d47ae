//! What a request says of a person, under the rules of a realm.

use super::{attributes, fields::Fields, subject};
use crate::{
    accounts::fields::{
        AttributeViolation, Attributes, BirthDate, Email, ExternalId, FullName, Phone, Username,
    },
    app::{App, Realm},
    config::{Locale, Presence},
    proto,
};

/// What a request says of a person, as it came.
pub(super) struct Given<'a> {
    pub(super) username: &'a str,
    pub(super) email: &'a str,
    pub(super) phone: &'a str,
    pub(super) full_name: &'a str,
    pub(super) birth_date: Option<proto::Date>,
    pub(super) external_id: &'a str,
    pub(super) attributes: Option<prost_types::Struct>,
    pub(super) locale: &'a str,
}

/// The same, each value fit to be stored.
pub(super) struct Person {
    pub(super) username: Option<Username>,
    pub(super) email: Option<Email>,
    pub(super) phone: Option<Phone>,
    pub(super) full_name: Option<FullName>,
    pub(super) birth_date: Option<BirthDate>,
    pub(super) external_id: Option<ExternalId>,
    /// As JSON.
    pub(super) attributes: Option<String>,
    pub(super) locale: Locale,
}

/// Parses what is said of a person; what cannot be taken is noted in `fields`.
pub(super) fn person(app: &App, fields: &mut Fields, realm: &Realm, given: Given<'_>) -> Person {
    let rules = &realm.rules;
    Person {
        username: fields.present("username", given.username, rules.username, |text| {
            Username::parse(text, &subject::username_rule(realm))
        }),
        email: fields.present("email", given.email, rules.email, Email::parse),
        phone: fields.present("phone", given.phone, rules.phone, |text| {
            subject::phone(realm, text)
        }),
        full_name: fields.present("full_name", given.full_name, rules.full_name, |text| {
            FullName::parse(text, &subject::full_name_rule(realm))
        }),
        birth_date: birth_date(app, fields, realm, given.birth_date),
        external_id: fields.present(
            "external_id",
            given.external_id,
            rules.external_id,
            ExternalId::parse,
        ),
        attributes: extra(fields, realm, given.attributes),
        locale: subject::locale(fields, realm, given.locale),
    }
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
    date: Option<proto::Date>,
) -> Option<BirthDate> {
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
