//! The mails there are.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use uuid::Uuid;

/// One mail, as it waits in the outbox. Fields may be added with a default; what is stored must stay readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Mail {
    /// A one-time code, by what it is derived from: the code itself is computed when the mail is sent.
    Code {
        /// What the code is good for.
        purpose: Purpose,
        /// The issue it belongs to.
        issue: Uuid,
        /// The nonce of this issue; unpadded base64url in JSON.
        #[serde(serialize_with = "nonce_out", deserialize_with = "nonce_in")]
        nonce: [u8; 16],
        /// The server key it is derived with.
        key_id: String,
        /// Whom it is for, in the words of the derivation.
        subject: String,
        /// How many digits it has.
        digits: u8,
        /// How long it is valid from when it was asked for.
        lifetime_seconds: u64,
    },
    /// To the owner: somebody tried to register with this address.
    RegistrationAttempted,
    /// The password was changed with the old one.
    PasswordChanged,
    /// The password was set anew with a code.
    PasswordReset,
    /// To the old address: a change to another was asked for.
    EmailChangeRequested {
        /// The other address, its middle hidden.
        new_address_masked: String,
    },
    /// To the old address: it was changed to another.
    EmailChanged {
        /// The other address, its middle hidden.
        new_address_masked: String,
    },
    /// To the owner: somebody wanted to make this the address of their account.
    EmailClaimed,
    /// An operator has made the password useless: another must be set with a code.
    PasswordChangeRequired,
    /// The username was changed.
    UsernameChanged,
    /// The account was deleted.
    AccountDeleted,
}

/// What a code is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To activate a new account.
    Activate,
    /// To log in, after the password.
    Login,
    /// To prove an address before any account has it.
    ProveAddress,
    /// To make an address that of an account.
    ChangeEmail,
    /// To set a new password.
    ResetPassword,
}

impl Purpose {
    /// The name in JSON and in keys: `reset_password`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activate => "activate",
            Self::Login => "login",
            Self::ProveAddress => "prove_address",
            Self::ChangeEmail => "change_email",
            Self::ResetPassword => "reset_password",
        }
    }
}

impl Mail {
    /// The name of its words: `code_login`, `password_changed`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Code { purpose, .. } => match purpose {
                Purpose::Activate => "code_activate",
                Purpose::Login => "code_login",
                Purpose::ProveAddress => "code_prove_address",
                Purpose::ChangeEmail => "code_change_email",
                Purpose::ResetPassword => "code_reset_password",
            },
            Self::RegistrationAttempted => "registration_attempted",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::PasswordChangeRequired => "password_change_required",
            Self::EmailChangeRequested { .. } => "email_change_requested",
            Self::EmailChanged { .. } => "email_changed",
            Self::EmailClaimed => "email_claimed",
            Self::UsernameChanged => "username_changed",
            Self::AccountDeleted => "account_deleted",
        }
    }
}

fn nonce_out<S: Serializer>(nonce: &[u8; 16], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64_URL_SAFE_NO_PAD.encode(nonce))
}

fn nonce_in<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 16], D::Error> {
    let words = String::deserialize(deserializer)?;
    BASE64_URL_SAFE_NO_PAD
        .decode(words)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| D::Error::custom("a nonce is 16 bytes in base64url"))
}
