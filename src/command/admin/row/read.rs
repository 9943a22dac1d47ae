//! A line as a row.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::{Map, Value as Json};

use crate::{
    command::admin::{
        refusal::{Refusal, Violation},
        values::{parse_attributes, parse_date, parse_time},
    },
    proto::{AccountRow, AccountState},
};

/// The row of a line. Its rules are the server's; here it is only understood.
///
/// Refused, with every fault at once and without any value: what is no JSON object, fields that a row does not have, fields
/// that stand twice, and values of another kind.
pub(in crate::command::admin) fn read(line: &[u8]) -> Result<AccountRow, Refusal> {
    let Object(object) = serde_json::from_slice(line).map_err(|error| malformed(&error))?;
    let mut violations = Vec::new();
    let mut row = AccountRow::default();
    for (field, value) in object {
        if value.is_null() {
            continue;
        }
        if let Err((reason, description)) = set(&mut row, &field, value) {
            violations.push(Violation {
                field,
                reason: reason.to_owned(),
                description: description.to_owned(),
            });
        }
    }
    if violations.is_empty() {
        return Ok(row);
    }
    Err(Refusal {
        reason: "INVALID_FIELD".to_owned(),
        violations,
        ..Refusal::without_reason("some fields cannot be taken".to_owned())
    })
}

/// What is wrong with a field: in one word, and for people.
type Fault = (&'static str, &'static str);

fn set(row: &mut AccountRow, field: &str, value: Json) -> Result<(), Fault> {
    match field {
        "account_id" => row.account_id = text(value)?,
        "username" => row.username = text(value)?,
        "email" => row.email = text(value)?,
        "email_verified" => row.email_verified = truth(&value)?,
        "phone" => row.phone = text(value)?,
        "full_name" => row.full_name = text(value)?,
        "birth_date" => {
            let date = parse_date(&text(value)?);
            row.birth_date = Some(date.ok_or(("MALFORMED", "is no date such as 1999-12-31"))?);
        }
        "locale" => row.locale = text(value)?,
        "role" => row.role = text(value)?,
        "state" => row.state = state(&text(value)?)?.into(),
        "external_id" => row.external_id = text(value)?,
        "attributes" => {
            let Json::Object(object) = value else {
                return Err(("MALFORMED", "is no JSON object"));
            };
            row.attributes = Some(parse_attributes(object).map_err(|text| ("MALFORMED", text))?);
        }
        "password_hash" => row.password_hash = text(value)?,
        "password" => row.password = text(value)?,
        "password_change_required" => row.password_change_required = truth(&value)?,
        "create_time" => {
            let time = parse_time(&text(value)?);
            let fault = ("MALFORMED", "is no time such as 2027-06-30T00:00:00Z");
            row.create_time = Some(time.map_err(|_| fault)?);
        }
        _ => return Err(("UNKNOWN", "is no field of a row")),
    }
    Ok(())
}

fn text(value: Json) -> Result<String, Fault> {
    match value {
        Json::String(text) => Ok(text),
        _ => Err(("MALFORMED", "is no text")),
    }
}

fn truth(value: &Json) -> Result<bool, Fault> {
    value.as_bool().ok_or(("MALFORMED", "is not true or false"))
}

fn state(word: &str) -> Result<AccountState, Fault> {
    match word {
        "" => Ok(AccountState::Unspecified),
        "ACTIVE" => Ok(AccountState::Active),
        "SUSPENDED" => Ok(AccountState::Suspended),
        _ => Err(("NOT_SUPPORTED", "is neither ACTIVE nor SUSPENDED")),
    }
}

/// The parser's own words would quote values, but for those on syntax.
fn malformed(error: &serde_json::Error) -> Refusal {
    let message = if error.is_syntax() || error.is_eof() {
        format!("the line is no JSON, from column {} on", error.column())
    } else if error.to_string().starts_with(TWICE) {
        format!("{TWICE}, before column {}", error.column())
    } else {
        "the line is no JSON object".to_owned()
    };
    Refusal {
        reason: "MALFORMED_REQUEST".to_owned(),
        ..Refusal::without_reason(message)
    }
}

/// What is said of an object that has a field twice.
const TWICE: &str = "a field stands twice";

/// An object whose fields are all of different names.
struct Object(Map<String, Json>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Object, A::Error> {
                let mut object = Map::new();
                while let Some((name, value)) = fields.next_entry()? {
                    if object.insert(name, value).is_some() {
                        return Err(A::Error::custom(TWICE));
                    }
                }
                Ok(Object(object))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::write, *};

    const WHOLE: &str = r#"{"account_id":"0b1c","username":"ada","email":"ada@example.com","email_verified":true,"phone":"+62811","full_name":"Ada","birth_date":"1815-12-10","locale":"en","role":"USER","state":"SUSPENDED","external_id":"x-1","attributes":{"a":[1,null,{"b":0.5}]},"password_hash":"$2b$10$x","password_change_required":true,"create_time":"2020-01-02T03:04:05.678Z"}"#;

    #[test]
    fn what_is_written_is_read() {
        let row = read(WHOLE.as_bytes()).unwrap();
        assert_eq!(row.birth_date.unwrap().month, 12);
        assert_eq!(write(row).unwrap(), format!("{WHOLE}\n"));
        let with_password = r#"{"username":"ada","password":"a long day"}"#;
        let row = read(with_password.as_bytes()).unwrap();
        assert_eq!(write(row).unwrap(), format!("{with_password}\n"));
        assert_eq!(write(read(b"{\"email\":null}").unwrap()).unwrap(), "{}\n");
    }

    #[test]
    fn every_fault_is_told_and_no_value() {
        let line = br#"{"Email":"s3cret","email":7,"state":"PENDING","birth_date":"1815-13-10","create_time":"s3cret","attributes":[],"email_verified":"s3cret","password":{"s3cret":1}}"#;
        let refusal = read(line).unwrap_err();
        let mut fields: Vec<(&str, &str)> = refusal
            .violations
            .iter()
            .map(|one| (one.field.as_str(), one.reason.as_str()))
            .collect();
        fields.sort_unstable();
        let malformed = [
            "attributes",
            "birth_date",
            "create_time",
            "email",
            "email_verified",
            "password",
        ];
        let mut expected = vec![("Email", "UNKNOWN"), ("state", "NOT_SUPPORTED")];
        expected.extend(malformed.map(|field| (field, "MALFORMED")));
        expected.sort_unstable();
        assert_eq!(fields, expected);
        assert!(!refusal.to_string().contains("s3cret"), "{refusal}");
    }

    #[test]
    fn what_is_no_object_is_refused() {
        let cases: [(&[u8], &str); 7] = [
            (b"{\"password\":\"s3cret\"", "is no JSON, from column"),
            (b"s3cret", "is no JSON, from column"),
            (b"\"s3cret\"", "is no JSON object"),
            (b"[\"s3cret\"]", "is no JSON object"),
            (b"{} {}", "is no JSON, from column"),
            (b"{\"email\":\"\xff\"}", "is no JSON, from column"),
            (b"{\"email\":\"a\",\"email\":\"s3cret\"}", "stands twice"),
        ];
        for (line, expected) in cases {
            let refusal = read(line).unwrap_err();
            let text = refusal.to_string();
            assert_eq!(refusal.reason, "MALFORMED_REQUEST", "{text}");
            assert!(
                text.contains(expected) && !text.contains("s3cret"),
                "{text}"
            );
        }
    }
}
