//! One comparison, as SQL has it.

use sea_orm::{
    ColumnTrait as _, Condition, ExprTrait as _,
    sea_query::{Expr, Func, LikeExpr, SimpleExpr},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::Operator;
use crate::{
    accounts::fields::{Email, Username},
    store::account::{Column, State},
};

/// What one comparison asks of a row, or why it asks nothing.
pub(super) fn condition(field: &str, operator: Operator, value: &str) -> Result<Condition, String> {
    match field {
        "username" => {
            // What nobody can be called is nobody's name.
            let canonical = Username::canonical_of(value).unwrap_or_default();
            text(
                field,
                [Column::Username, Column::UsernameCanonical],
                operator,
                value,
                &canonical,
            )
        }
        "email" => {
            let parsed = Email::parse(value).ok();
            let canonical = parsed.as_ref().map_or(value, Email::canonical);
            text(
                field,
                [Column::Email, Column::EmailCanonical],
                operator,
                value,
                canonical,
            )
        }
        "phone" => text(
            field,
            [Column::Phone, Column::PhoneCanonical],
            operator,
            value,
            value,
        ),
        "full_name" => text(
            field,
            [Column::FullName, Column::FullName],
            operator,
            value,
            value,
        ),
        "external_id" => text(
            field,
            [Column::ExternalId, Column::ExternalId],
            operator,
            value,
            value,
        ),
        "role" => equality(field, Column::Role, operator, value),
        "locale" => equality(field, Column::Locale, operator, value),
        "state" => {
            let state = match value {
                "PENDING" => State::Pending,
                "ACTIVE" => State::Active,
                "SUSPENDED" => State::Suspended,
                _ => return Err(String::from("state is PENDING, ACTIVE or SUSPENDED")),
            };
            equality(field, Column::State, operator, state)
        }
        "email_verified" => equality(field, Column::EmailVerified, operator, truth(field, value)?),
        "password_change_required" => {
            let value = truth(field, value)?;
            equality(field, Column::PasswordChangeRequired, operator, value)
        }
        "create_time" => instant(field, Column::CreatedAt, operator, value),
        "update_time" => instant(field, Column::UpdatedAt, operator, value),
        // The name is the operator's own, and short.
        _ => Err(format!("{field} is no field that accounts are filtered by")),
    }
}

/// A comparison of a text: as it was typed where only a part of it is given, and by its canonical form otherwise.
fn text(
    field: &str,
    [typed_column, canonical_column]: [Column; 2],
    operator: Operator,
    typed: &str,
    canonical: &str,
) -> Result<Condition, String> {
    if operator == Operator::Has {
        let lower = SimpleExpr::from(Func::lower(Expr::col(typed_column)));
        return Ok(Condition::any()
            .add(lower.like(having(&typed.to_lowercase())))
            // Not every engine knows the small forms of letters that have accents.
            .add(Expr::col(typed_column).like(having(typed))));
    }
    equality(field, canonical_column, operator, canonical)
}

/// The pattern of what has the text in it.
fn having(text: &str) -> LikeExpr {
    let pattern: String = text
        .chars()
        .flat_map(|letter| {
            let escape = "%_\\".contains(letter).then_some('\\');
            escape.into_iter().chain([letter])
        })
        .collect();
    LikeExpr::new(format!("%{pattern}%")).escape('\\')
}

fn equality(
    field: &str,
    column: Column,
    operator: Operator,
    value: impl Into<sea_orm::Value>,
) -> Result<Condition, String> {
    match operator {
        Operator::Equal => Ok(Condition::all().add(column.eq(value))),
        // Who has no value has not this one.
        Operator::Unequal => Ok(Condition::any().add(column.ne(value)).add(column.is_null())),
        _ => Err(format!("{field} takes another operator")),
    }
}

fn instant(
    field: &str,
    column: Column,
    operator: Operator,
    value: &str,
) -> Result<Condition, String> {
    let at = OffsetDateTime::parse(value, &Rfc3339)
        .map_err(|_| format!("{field} is compared with a time in RFC 3339, in quotes"))?;
    let millis = i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000))
        .map_err(|error| format!("{field}: {error}"))?;
    let compared = match operator {
        Operator::Less => column.lt(millis),
        Operator::AtMost => column.lte(millis),
        Operator::Greater => column.gt(millis),
        Operator::AtLeast => column.gte(millis),
        _ => return Err(format!("{field} takes <, <=, > and >=")),
    };
    Ok(Condition::all().add(compared))
}

fn truth(field: &str, value: &str) -> Result<bool, String> {
    value
        .parse()
        .map_err(|_| format!("{field} is true or false"))
}
