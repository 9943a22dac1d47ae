//! From a mail to its words.
//!
//! A translator writes each sentence once, as plain text; the HTML is typeset from it, so the two never tell different
//! things.

mod layout;

use std::sync::LazyLock;

use minijinja::{Environment, UndefinedBehavior, value::Serde};
use serde::Serialize;
use thiserror::Error;
use time::{OffsetDateTime, macros::format_description};

use super::{Locale, Mail};
use crate::backend::Timestamp;

/// More of a realm's title would push the code out of sight.
const TITLE_MAX: usize = 60;

macro_rules! templates {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("templates/", $name)))),*]
    };
}

const TEMPLATES: &[(&str, &str)] = templates! {
    "layout.html"
    "en/code.txt" "en/notice.txt"
    "en/code_activate.txt" "en/code_login.txt" "en/code_prove_address.txt" "en/code_change_email.txt"
    "en/code_reset_password.txt" "en/registration_attempted.txt" "en/password_changed.txt" "en/password_reset.txt"
    "en/email_change_requested.txt" "en/email_changed.txt" "en/email_claimed.txt" "en/username_changed.txt"
    "en/account_deleted.txt" "en/password_change_required.txt"
    "id/code.txt" "id/notice.txt"
    "id/code_activate.txt" "id/code_login.txt" "id/code_prove_address.txt" "id/code_change_email.txt"
    "id/code_reset_password.txt" "id/registration_attempted.txt" "id/password_changed.txt" "id/password_reset.txt"
    "id/email_change_requested.txt" "id/email_changed.txt" "id/email_claimed.txt" "id/username_changed.txt"
    "id/account_deleted.txt" "id/password_change_required.txt"
};

static ENVIRONMENT: LazyLock<Result<Environment<'static>, minijinja::Error>> =
    LazyLock::new(environment);

/// What a mail's words depend on besides the mail.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The realm's title for people; control characters are dropped, and it is cut at 60 characters.
    pub realm_title: &'a str,
    /// The language.
    pub locale: Locale,
    /// The code, for [`Mail::Code`].
    pub code: Option<&'a str>,
    /// When the code was asked for, or what the mail tells of happened.
    pub at: Timestamp,
}

/// A mail in words.
#[derive(Clone, PartialEq, Eq)]
pub struct Words {
    /// One line; no code, and nothing that a user typed.
    pub subject: String,
    /// Plain text in lines shorter than 78 characters.
    pub text: String,
    /// The same as HTML, without links.
    pub html: String,
}

/// Why a mail has no words.
#[derive(Debug, Error)]
pub enum ComposeError {
    /// A mail that brings a code was given none.
    #[error("the code is missing")]
    NoCode,
    /// A template is broken.
    #[error("the template is broken: {0}")]
    Template(String),
}

#[derive(Serialize)]
struct Values<'a> {
    realm: &'a str,
    at: &'a str,
    // Left out rather than null, which a template would print.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifetime_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_address: Option<&'a str>,
}

/// The words of `mail` in the context's language. Refuses a code mail without its code.
pub fn compose(mail: &Mail, context: &Context<'_>) -> Result<Words, ComposeError> {
    let realm = tidy(context.realm_title);
    let at = utc(context.at);
    let mut values = Values {
        realm: &realm,
        at: &at,
        code: None,
        lifetime_seconds: None,
        new_address: None,
    };
    match mail {
        Mail::Code {
            lifetime_seconds, ..
        } => {
            values.code = Some(context.code.ok_or(ComposeError::NoCode)?);
            values.lifetime_seconds = Some(*lifetime_seconds);
        }
        Mail::EmailChangeRequested { new_address_masked }
        | Mail::EmailChanged { new_address_masked } => {
            values.new_address = Some(new_address_masked);
        }
        Mail::RegistrationAttempted
        | Mail::PasswordChanged
        | Mail::PasswordReset
        | Mail::PasswordChangeRequired
        | Mail::EmailClaimed
        | Mail::UsernameChanged
        | Mail::AccountDeleted => {}
    }
    let written = render(
        &format!("{}/{}.txt", context.locale.as_str(), mail.name()),
        &values,
    )?;
    let page = layout::Page::read(context.locale, &written);
    Ok(Words {
        html: render("layout.html", &page)?,
        text: page.text(),
        subject: page.subject,
    })
}

fn render(name: &str, values: impl Serialize) -> Result<String, ComposeError> {
    let broken = |error: &minijinja::Error| ComposeError::Template(error.to_string());
    let environment = ENVIRONMENT.as_ref().map_err(broken)?;
    environment
        .get_template(name)
        .and_then(|template| template.render(Serde(values)))
        .map_err(|error| broken(&error))
}

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

/// One line of bounded length, whatever was configured.
fn tidy(title: &str) -> String {
    let words: Vec<&str> = title
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").chars().take(TITLE_MAX).collect()
}

/// The same in every language, and not to be mistaken for a local time.
fn utc(at: Timestamp) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    OffsetDateTime::from_unix_timestamp(at.seconds())
        .ok()
        .and_then(|time| time.format(format).ok())
        .unwrap_or_default()
}
