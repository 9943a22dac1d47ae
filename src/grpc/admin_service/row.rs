//! An account on its way in or out.

use prost_types::Timestamp;

use super::{list_audit_events::millis, set_role};
use crate::{
    accounts::fields::{Id, Password},
    admin::import_accounts::Row,
    app::{App, Realm},
    error::{Error, Result},
    grpc::{
        answers,
        fields::Fields,
        person::{Given, context, person},
        subject,
    },
    proto::{Account, AccountRow, AccountState},
    store::account::{self, State},
};

/// A row, each value fit to be stored, and its password where that is to be hashed first.
pub(super) struct Incoming {
    pub(super) row: Row,
    pub(super) password: Option<Password>,
}

/// Parses a row under the rules of its realm, with the password that was taken out of it.
///
/// Refusals: `INVALID_FIELD`.
pub(super) fn parse(app: &App, realm: &Realm, row: AccountRow, password: &str) -> Result<Incoming> {
    let mut fields = Fields::default();
    let account_id = if row.account_id.is_empty() {
        None
    } else {
        fields
            .take("account_id", Id::parse(&row.account_id))
            .map(Id::uuid)
    };
    let given = Given {
        username: &row.username,
        email: &row.email,
        phone: &row.phone,
        full_name: &row.full_name,
        birth_date: row.birth_date,
        external_id: &row.external_id,
        attributes: row.attributes,
        locale: &row.locale,
    };
    let person = person(app, &mut fields, realm, given);
    let role = if row.role.is_empty() {
        None
    } else {
        fields.take("role", set_role::parse(&row.role))
    };
    let state = match AccountState::try_from(row.state) {
        Ok(AccountState::Unspecified | AccountState::Active) => State::Active,
        Ok(AccountState::Suspended) => State::Suspended,
        _ => {
            fields.refuse("state", "NOT_SUPPORTED", "must be ACTIVE or SUSPENDED");
            State::Active
        }
    };
    let context = context(realm, person.username.as_ref(), person.email.as_ref());
    let context: Vec<&str> = context.iter().map(String::as_str).collect();
    let has_password = !password.is_empty();
    let password = if password.is_empty() {
        None
    } else {
        let parsed = Password::parse(password, &subject::password_rule(realm), &context);
        fields.take("password", parsed)
    };
    let hash = hash(app, &mut fields, &row.password_hash, has_password);
    let could_return = realm.rules.password_reset && person.email.is_some();
    if row.password_change_required && !could_return {
        let text =
            "needs an address, and a realm with password_reset: its owner could not come back";
        fields.refuse("password_change_required", "NOT_SUPPORTED", text);
    }
    let created_at = created_at(app, &mut fields, row.create_time);
    fields.finish()?;
    Ok(Incoming {
        row: Row {
            account_id,
            username: person.username,
            email: person.email,
            email_verified: row.email_verified,
            phone: person.phone,
            full_name: person.full_name,
            birth_date: person.birth_date,
            locale: person.locale,
            role,
            state,
            external_id: person.external_id,
            attributes: person.attributes,
            password_hash: hash,
            password_change_required: row.password_change_required,
            created_at,
        },
        password,
    })
}

fn hash(app: &App, fields: &mut Fields, hash: &str, has_password: bool) -> String {
    if hash.is_empty() {
        return String::new();
    }
    if has_password {
        let text = "must not come together with password";
        fields.refuse("password_hash", "NOT_SUPPORTED", text);
    }
    if let Err(text) = app.hashing.check_stored(hash) {
        fields.refuse("password_hash", "NOT_SUPPORTED", text);
    }
    hash.to_owned()
}

fn created_at(app: &App, fields: &mut Fields, at: Option<Timestamp>) -> Option<i64> {
    let at = at?;
    // Years from 1 on, as google.protobuf.Timestamp has them.
    let is_time = at.seconds >= -62_135_596_800 && (0..1_000_000_000).contains(&at.nanos);
    let at = millis(at);
    if !is_time || at > app.clock.now().millis() {
        fields.refuse("create_time", "OUT_OF_RANGE", "is no time of the past");
    }
    Some(at)
}

/// An account as `ImportAccounts` takes it.
pub(super) fn of(account: account::Model, with_hash: bool) -> Result<AccountRow> {
    let hash = if with_hash {
        account.password_hash.clone()
    } else {
        String::new()
    };
    let password_change_required = account.password_change_required;
    let Account {
        id,
        username,
        email,
        email_verified,
        phone,
        full_name,
        birth_date,
        locale,
        role,
        state,
        external_id,
        attributes,
        create_time,
        ..
    } = answers::account(account);
    let create_time = create_time.ok_or_else(|| Error::Internal(String::from("no create_time")))?;
    Ok(AccountRow {
        account_id: id,
        username,
        email,
        email_verified,
        phone,
        full_name,
        birth_date,
        locale,
        role,
        state,
        external_id,
        attributes,
        password_hash: hash,
        password: String::new(),
        password_change_required,
        create_time: Some(create_time),
    })
}
