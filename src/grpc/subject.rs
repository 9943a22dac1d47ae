//! What several requests name alike: the realm, an account, a purpose, a code.

use std::sync::Arc;

use super::fields::Fields;
use crate::{
    accounts::{
        fields::{self, Code, Email, Id, Password, Phone, Username, Violation},
        limit,
    },
    app::{App, Realm},
    backend::kv::Rate,
    codes::Subject,
    config::{Locale, LoginWith, PhoneRule},
    error::{Error, Result},
    mails::Purpose,
    proto,
    store::account::Name,
};

/// Bytes of a user name that is only looked for, at the most.
const LOOKUP_MOST: usize = 512;
/// Characters of a realm's name, at the most.
const REALM_MOST: usize = 64;

/// The realm of a call that no token speaks for, within the realm's own limit.
///
/// Refusals: `INVALID_FIELD`, `REALM_UNKNOWN`, `RATE_LIMITED`.
pub(super) async fn realm(app: &App, name: &str) -> Result<Arc<Realm>> {
    if name.len() > REALM_MOST {
        return Err(Error::field("realm", "TOO_LONG", "has more than 64 bytes"));
    }
    if name.bytes().any(|byte| !byte.is_ascii_graphic()) {
        return Err(Error::field(
            "realm",
            "FORBIDDEN_CHARACTER",
            "has other than visible ASCII characters",
        ));
    }
    let realm = app.realm(name)?;
    let rate = {
        let policy = app.policy.load();
        Rate {
            burst: policy.limits.realm_burst,
            period: policy.limits.realm_period,
        }
    };
    limit::take(app, "realm", &format!("realm/{}", realm.name()), rate).await?;
    Ok(realm)
}

/// What a code is to prove and which one it is, as `VerifyOtp` and `ResendOtp` name them.
///
/// Only an activation code has the mailbox as its subject; every other one belongs to an account, which an email then
/// names.
pub(super) fn purpose_and_subject(
    fields: &mut Fields,
    realm: &Realm,
    number: i32,
    named: Option<Named<'_>>,
) -> (Option<Purpose>, Option<Subject>) {
    let taken = [Purpose::Activate, Purpose::Login, Purpose::ChangeEmail];
    let purpose = purpose(fields, number, &taken);
    let subject = match named {
        None => {
            fields.refuse(
                "subject",
                "REQUIRED",
                "one of account_id, username and email must be given",
            );
            None
        }
        Some(Named::AccountId(id)) => fields
            .required("account_id", id, Id::parse)
            .map(|id| Subject::Account(id.uuid())),
        Some(Named::Username(username)) => fields
            .required("username", username, |text| username_name(realm, text))
            .map(Subject::Name),
        Some(Named::Email(email)) => fields
            .required("email", email, Email::parse)
            .map(|email| email.canonical().to_owned())
            .map(|canonical| match purpose {
                Some(Purpose::Activate) => Subject::Address(canonical),
                _ => Subject::Name(Name::Email(canonical)),
            }),
    };
    (purpose, subject)
}

/// The ways to name the account of a code.
#[derive(Clone, Copy, Debug)]
pub(super) enum Named<'a> {
    AccountId(&'a str),
    Username(&'a str),
    Email(&'a str),
}

macro_rules! named_by {
    ($module:ident) => {
        impl<'a> From<&'a proto::$module::Subject> for Named<'a> {
            fn from(subject: &'a proto::$module::Subject) -> Self {
                use proto::$module::Subject;
                match subject {
                    Subject::AccountId(id) => Self::AccountId(id),
                    Subject::Username(username) => Self::Username(username),
                    Subject::Email(email) => Self::Email(email),
                }
            }
        }
    };
}

named_by!(verify_otp_request);
named_by!(resend_otp_request);

fn username_name(realm: &Realm, text: &str) -> Result<Name, Violation> {
    let username = Username::parse(text, &username_rule(realm))?;
    Ok(Name::Username(username.canonical().to_owned()))
}

/// The realm's rule for user names.
pub(super) fn username_rule(realm: &Realm) -> fields::UsernameRule {
    fields::UsernameRule {
        min: realm.rules.username_min,
        max: realm.rules.username_max,
        alphanumeric_only: realm.rules.username_alphanumeric,
    }
}

/// The realm's rule for full names.
pub(super) fn full_name_rule(realm: &Realm) -> fields::FullNameRule {
    fields::FullNameRule {
        min: realm.rules.full_name_min,
        max: realm.rules.full_name_max,
    }
}

/// The realm's rule for passwords.
pub(super) fn password_rule(realm: &Realm) -> fields::PasswordRule {
    fields::PasswordRule {
        min: realm.rules.password_min,
        max: realm.rules.password_max,
        blocklist: realm.rules.password_blocklist,
        classes: realm.rules.password_classes,
    }
}

/// A phone number under the realm's rule.
pub(super) fn phone(realm: &Realm, text: &str) -> Result<Phone, Violation> {
    let rule = match realm.rules.phone_rule {
        PhoneRule::Valid => fields::PhoneRule::Valid,
        PhoneRule::Digits => fields::PhoneRule::Digits,
    };
    Phone::parse(text, &realm.rules.phone_region, rule)
}

/// The language, or the realm's.
pub(super) fn locale(fields: &mut Fields, realm: &Realm, text: &str) -> Locale {
    match text {
        "" => realm.rules.locale,
        "en" => Locale::En,
        "id" => Locale::Id,
        _ => {
            fields.refuse("locale", "NOT_SUPPORTED", "is neither `en` nor `id`");
            realm.rules.locale
        }
    }
}

/// The purpose of a code, out of those that the RPC takes; the first is its default.
pub(super) fn purpose(fields: &mut Fields, number: i32, taken: &[Purpose]) -> Option<Purpose> {
    let wanted = match proto::OtpPurpose::try_from(number) {
        Ok(proto::OtpPurpose::Unspecified) => taken.first().copied(),
        Ok(proto::OtpPurpose::Activate) => Some(Purpose::Activate),
        Ok(proto::OtpPurpose::Login) => Some(Purpose::Login),
        Ok(proto::OtpPurpose::ProveAddress) => Some(Purpose::ProveAddress),
        Ok(proto::OtpPurpose::ChangeEmail) => Some(Purpose::ChangeEmail),
        Ok(proto::OtpPurpose::ResetPassword) => Some(Purpose::ResetPassword),
        Err(_) => None,
    };
    let wanted = wanted.filter(|purpose| taken.contains(purpose));
    if wanted.is_none() {
        fields.refuse("purpose", "NOT_SUPPORTED", "is not a purpose of this call");
    }
    wanted
}

/// The digits of a code under the realm's rule.
pub(super) fn code(fields: &mut Fields, realm: &Realm, text: &str) -> Option<String> {
    let digits = realm.rules.code_digits.into();
    fields
        .required("code", text, |text| Code::parse(text, digits))
        .map(|code| code.as_str().to_owned())
}

/// A password that is there to be compared, not to be set.
pub(super) fn presented(fields: &mut Fields, field: &str, text: &str) -> Option<Password> {
    fields.required(field, text, Password::presented)
}

/// A text that may be anybody's user name, of a realm with other rules too: what cannot be one is an unknown account.
pub(super) fn lookup(text: &str) -> Result<String, Violation> {
    if text.len() > LOOKUP_MOST {
        return Err(Violation::new("TOO_LONG", "has more than 512 bytes"));
    }
    if text.contains(char::is_control) {
        return Err(Violation::new(
            "FORBIDDEN_CHARACTER",
            "has a control character",
        ));
    }
    Ok(text.to_owned())
}

/// The account as `Login` names it: its canonical name, or none for what no account can be called.
pub(super) fn login_name(
    fields: &mut Fields,
    realm: &Realm,
    identifier: Option<&proto::login_request::Identifier>,
) -> (Option<Name>, String) {
    use proto::login_request::Identifier;
    let Some(identifier) = identifier else {
        fields.refuse(
            "identifier",
            "REQUIRED",
            "one of username, email and phone must be given",
        );
        return (None, String::new());
    };
    let (field, text, way) = match identifier {
        Identifier::Username(text) => ("username", text, LoginWith::Username),
        Identifier::Email(text) => ("email", text, LoginWith::Email),
        Identifier::Phone(text) => ("phone", text, LoginWith::Phone),
    };
    if !realm.rules.login_with.contains(&way) {
        fields.refuse(field, "NOT_SUPPORTED", "is not what the realm logs in with");
        return (None, String::new());
    }
    let name = match way {
        // Rules of registration do not matter here: whatever is no account's name is an unknown account.
        LoginWith::Username => fields
            .required(field, text, lookup)
            .and_then(|text| Username::canonical_of(&text))
            .map(Name::Username),
        LoginWith::Email => fields
            .required(field, text, Email::parse)
            .map(|email| Name::Email(email.canonical().to_owned())),
        LoginWith::Phone => fields
            .required(field, text, |text| phone(realm, text))
            .map(|phone| Name::Phone(phone.canonical().to_owned())),
    };
    (name, text.chars().take(256).collect())
}
