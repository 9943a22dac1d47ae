//! One of each refusal that an operation of ours decides.

use std::time::Duration;

use accountd::{backend::Timestamp, error::Error};
use uuid::Uuid;

/// One of each variant. `every_reason_is_an_errors_or_the_transports` finds one that is missing.
pub(super) fn all() -> Vec<Error> {
    let retry = Duration::from_mins(1);
    let at = Timestamp::from_millis(1_769_860_800_000);
    let mut all = vec![
        Error::field("email", "MALFORMED", "must have the form name@example.com"),
        Error::RealmUnknown {
            realm: String::from("acme"),
        },
        Error::FeatureDisabled {
            feature: "password_reset",
        },
        Error::ReauthenticationRequired { max_age: retry },
        Error::AccountNotActivated {
            account_id: Uuid::nil(),
        },
        Error::CodeIncorrect {
            attempts_left: Some(2),
        },
        Error::CodeAttemptsExhausted { retry, at },
        Error::CodeResendTooSoon { retry, at },
        Error::CodeQuotaExceeded { retry, at },
        Error::EtagMismatch {
            etag: String::from("7"),
        },
        Error::RateLimited {
            limit: "address",
            retry,
        },
        Error::Overloaded { retry },
        Error::PictureTypeUnsupported {
            types: String::from("image/jpeg,image/png"),
        },
        Error::PictureTooLarge {
            limit: "bytes",
            most: 5_242_880,
        },
        Error::PictureMalformed {
            fault: String::from("it ends early"),
        },
        Error::UploadMismatch { field: "size" },
        Error::DependencyUnavailable { dependency: "sql" },
        Error::Internal(String::from("a table is gone")),
    ];
    all.extend([
        Error::MalformedRequest,
        Error::PictureNotFound,
        Error::UploadTicketInvalid,
        Error::TransferTooSlow,
        Error::PictureDamaged,
        Error::PasswordChangeRequired,
        Error::LimitNotFound,
        Error::ScopeMissing {
            scope: "accounts.read",
            realm: String::from("customer"),
        },
        Error::UsernameTaken,
        Error::EmailTaken,
        Error::PhoneTaken,
        Error::ExternalIdTaken,
        Error::InvalidCredentials,
        Error::AccountNotFound,
        Error::WrongPassword,
        Error::CurrentPasswordIncorrect,
        Error::AccountSuspended,
        Error::AccountDeleted,
        Error::CodeExpired,
        Error::CodeNotFound,
        Error::CodeRequired,
        Error::TokenMissing,
        Error::TokenInvalid,
        Error::TokenExpired,
        Error::TokenRevoked,
        Error::RefreshTokenInvalid,
        Error::RefreshTokenExpired,
        Error::RefreshTokenReused,
        Error::SessionNotFound,
        Error::RequestIdReused,
        Error::Conflict,
        Error::DeadlineExceeded,
    ]);
    all
}
