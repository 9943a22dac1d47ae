//! A row as a line.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::{
    command::admin::{
        output::json_line,
        values::{attributes_json, date_text, state_word, time_text},
    },
    proto::AccountRow,
};

/// A row without what it does not have.
#[derive(Serialize)]
struct Line {
    #[serde(skip_serializing_if = "String::is_empty")]
    account_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    username: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    email: String,
    #[serde(skip_serializing_if = "is_false")]
    email_verified: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    phone: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    full_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    birth_date: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    locale: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    role: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    state: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    external_id: String,
    #[serde(skip_serializing_if = "Map::is_empty")]
    attributes: Map<String, Json>,
    #[serde(skip_serializing_if = "String::is_empty")]
    password_hash: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    password: String,
    #[serde(skip_serializing_if = "is_false")]
    password_change_required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<String>,
}

/// The line of a row, with its line feed.
pub(in crate::command::admin) fn write(row: AccountRow) -> serde_json::Result<String> {
    json_line(&Line {
        account_id: row.account_id,
        username: row.username,
        email: row.email,
        email_verified: row.email_verified,
        phone: row.phone,
        full_name: row.full_name,
        birth_date: row.birth_date.map(date_text),
        locale: row.locale,
        role: row.role,
        state: state_word(row.state),
        external_id: row.external_id,
        attributes: attributes_json(row.attributes),
        password_hash: row.password_hash,
        password: row.password,
        password_change_required: row.password_change_required,
        create_time: row.create_time.and_then(time_text),
    })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_false(truth: &bool) -> bool {
    !*truth
}
