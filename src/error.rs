//! Every way in which an operation can be refused, and the one way in which it can break.

use std::time::Duration;

use sea_orm::DbErr;
use uuid::Uuid;

use crate::{
    accounts::password::HashError,
    backend::{Timestamp, kv::Unavailable},
    metrics,
    sessions::token::TokenFault,
    store::{self, Fault},
};

/// What an operation answers with.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One field that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// The field's name in the contract.
    pub field: String,
    /// Why, for machines: `TOO_LONG`, `MALFORMED`, ….
    pub reason: &'static str,
    /// Why, for people; the value itself is never in it.
    pub text: String,
}

/// One variant per reason of the contract (`error_reason.proto` says what each means), and `Internal`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "error_reason.proto documents each by its name")]
pub enum Error {
    #[error("{}", fields_text(.0))]
    InvalidField(Vec<FieldFault>),
    #[error("the bytes are not the messages of this method, or are too many")]
    MalformedRequest,
    #[error("no realm of that name is served here")]
    RealmUnknown { realm: String },
    #[error("the realm is configured without {feature}")]
    FeatureDisabled { feature: &'static str },
    #[error("the user name is taken")]
    UsernameTaken,
    #[error("the email address is taken")]
    EmailTaken,
    #[error("the phone number is taken")]
    PhoneTaken,
    #[error("the external id is taken")]
    ExternalIdTaken,
    #[error("no account has that name and that password")]
    InvalidCredentials,
    #[error("no account has that name")]
    AccountNotFound,
    #[error("the password is wrong")]
    WrongPassword,
    #[error("the current password is missing or wrong")]
    CurrentPasswordIncorrect,
    #[error("the change needs a fresh login: log in again and repeat it")]
    ReauthenticationRequired { max_age: Duration },
    #[error("the account is not activated yet")]
    AccountNotActivated { account_id: Uuid },
    #[error("the account has been suspended")]
    AccountSuspended,
    #[error("the account does not exist any more")]
    AccountDeleted,
    #[error("the code does not work")]
    CodeIncorrect { attempts_left: Option<u32> },
    #[error("the code has expired: ask for a new one")]
    CodeExpired,
    #[error("no code is waited for: ask for one")]
    CodeNotFound,
    #[error("the code was guessed wrongly too often: ask for a new one")]
    CodeAttemptsExhausted { retry: Duration, at: Timestamp },
    #[error("a code has just been sent: wait before asking for another")]
    CodeResendTooSoon { retry: Duration, at: Timestamp },
    #[error("no more codes can be sent here today")]
    CodeQuotaExceeded { retry: Duration, at: Timestamp },
    #[error("the address needs the code that was sent to it")]
    CodeRequired,
    #[error("an access token is needed: `authorization: Bearer …`")]
    TokenMissing,
    #[error("the access token is not valid")]
    TokenInvalid,
    #[error("the access token has expired")]
    TokenExpired,
    #[error("the session of the access token has ended")]
    TokenRevoked,
    #[error("the refresh token is not valid")]
    RefreshTokenInvalid,
    #[error("the refresh token has expired")]
    RefreshTokenExpired,
    #[error("the refresh token had been replaced and used: the session has been ended")]
    RefreshTokenReused,
    #[error("no such session")]
    SessionNotFound,
    #[error("the account has changed since it was read")]
    EtagMismatch { etag: String },
    #[error("the request id was used with another request")]
    RequestIdReused,
    #[error("another change came first: nothing was changed, try again")]
    Conflict,
    #[error("too many calls: try again later")]
    RateLimited {
        limit: &'static str,
        retry: Duration,
    },
    #[error("the server is busy: try again later")]
    Overloaded { retry: Duration },
    #[error("the deadline has passed")]
    DeadlineExceeded,
    #[error("the account has no picture")]
    PictureNotFound,
    #[error("the file is not a picture of a kind that is taken: {types}")]
    PictureTypeUnsupported { types: String },
    #[error("the picture is over the limit of {most} {limit}")]
    PictureTooLarge { limit: &'static str, most: u64 },
    #[error("the picture cannot be decoded: {fault}")]
    PictureMalformed { fault: String },
    #[error("the bytes that came are not those that the header says: {field} differs")]
    UploadMismatch { field: &'static str },
    #[error("the upload ticket does not work, or not any more")]
    UploadTicketInvalid,
    #[error("the stream stood still or was too slow")]
    TransferTooSlow,
    #[error("the stored picture is damaged: do not use what came")]
    PictureDamaged,
    #[error("the operator has not the scope {scope} in the realm {realm}")]
    ScopeMissing { scope: &'static str, realm: String },
    #[error(
        "the password must be changed: ask for a code by RequestOtp and set a new one by ResetPassword"
    )]
    PasswordChangeRequired,
    #[error("there is no limit of that name")]
    LimitNotFound,
    #[error("{dependency} does not answer: try again later")]
    DependencyUnavailable { dependency: &'static str },
    /// The text is for the log alone.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// The reason, in the words of `ErrorReason` without its prefix.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::InvalidField(_) => "INVALID_FIELD",
            Self::MalformedRequest => "MALFORMED_REQUEST",
            Self::RealmUnknown { .. } => "REALM_UNKNOWN",
            Self::FeatureDisabled { .. } => "FEATURE_DISABLED",
            Self::UsernameTaken => "USERNAME_TAKEN",
            Self::EmailTaken => "EMAIL_TAKEN",
            Self::PhoneTaken => "PHONE_TAKEN",
            Self::ExternalIdTaken => "EXTERNAL_ID_TAKEN",
            Self::InvalidCredentials => "INVALID_CREDENTIALS",
            Self::AccountNotFound => "ACCOUNT_NOT_FOUND",
            Self::WrongPassword => "WRONG_PASSWORD",
            Self::CurrentPasswordIncorrect => "CURRENT_PASSWORD_INCORRECT",
            Self::ReauthenticationRequired { .. } => "REAUTHENTICATION_REQUIRED",
            Self::AccountNotActivated { .. } => "ACCOUNT_NOT_ACTIVATED",
            Self::AccountSuspended => "ACCOUNT_SUSPENDED",
            Self::AccountDeleted => "ACCOUNT_DELETED",
            Self::CodeIncorrect { .. } => "CODE_INCORRECT",
            Self::CodeExpired => "CODE_EXPIRED",
            Self::CodeNotFound => "CODE_NOT_FOUND",
            Self::CodeAttemptsExhausted { .. } => "CODE_ATTEMPTS_EXHAUSTED",
            Self::CodeResendTooSoon { .. } => "CODE_RESEND_TOO_SOON",
            Self::CodeQuotaExceeded { .. } => "CODE_QUOTA_EXCEEDED",
            Self::CodeRequired => "CODE_REQUIRED",
            Self::TokenMissing => "TOKEN_MISSING",
            Self::TokenInvalid => "TOKEN_INVALID",
            Self::TokenExpired => "TOKEN_EXPIRED",
            Self::TokenRevoked => "TOKEN_REVOKED",
            Self::RefreshTokenInvalid => "REFRESH_TOKEN_INVALID",
            Self::RefreshTokenExpired => "REFRESH_TOKEN_EXPIRED",
            Self::RefreshTokenReused => "REFRESH_TOKEN_REUSED",
            Self::SessionNotFound => "SESSION_NOT_FOUND",
            Self::EtagMismatch { .. } => "ETAG_MISMATCH",
            Self::RequestIdReused => "REQUEST_ID_REUSED",
            Self::Conflict => "CONFLICT",
            Self::RateLimited { .. } => "RATE_LIMITED",
            Self::Overloaded { .. } => "OVERLOADED",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::PictureNotFound => "PICTURE_NOT_FOUND",
            Self::PictureTypeUnsupported { .. } => "PICTURE_TYPE_UNSUPPORTED",
            Self::PictureTooLarge { .. } => "PICTURE_TOO_LARGE",
            Self::PictureMalformed { .. } => "PICTURE_MALFORMED",
            Self::UploadMismatch { .. } => "UPLOAD_MISMATCH",
            Self::UploadTicketInvalid => "UPLOAD_TICKET_INVALID",
            Self::TransferTooSlow => "TRANSFER_TOO_SLOW",
            Self::PictureDamaged => "PICTURE_DAMAGED",
            Self::ScopeMissing { .. } => "SCOPE_MISSING",
            Self::PasswordChangeRequired => "PASSWORD_CHANGE_REQUIRED",
            Self::LimitNotFound => "LIMIT_NOT_FOUND",
            Self::DependencyUnavailable { .. } => "DEPENDENCY_UNAVAILABLE",
            Self::Internal(_) => "INTERNAL",
        }
    }

    /// A refusal of one field.
    pub fn field(field: &str, reason: &'static str, text: impl Into<String>) -> Self {
        Self::InvalidField(vec![FieldFault {
            field: field.to_owned(),
            reason,
            text: text.into(),
        }])
    }

    /// Whether it met another transaction and may be tried again as a whole.
    pub const fn met_another(&self) -> bool {
        matches!(self, Self::Conflict)
    }
}

fn fields_text(faults: &[FieldFault]) -> String {
    faults
        .iter()
        .map(|fault| format!("{}: {}", fault.field, fault.text))
        .collect::<Vec<_>>()
        .join("; ")
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match store::fault(&error) {
            Fault::Taken("uq_accounts_username") => Self::UsernameTaken,
            Fault::Taken("uq_accounts_email") => Self::EmailTaken,
            Fault::Taken("uq_accounts_phone") => Self::PhoneTaken,
            Fault::Taken("uq_accounts_external_id") => Self::ExternalIdTaken,
            // The account that the row belongs to was deleted meanwhile: seen again, it is not there.
            Fault::Orphan | Fault::Conflict => Self::Conflict,
            Fault::Unavailable => {
                metrics::sql_unavailable();
                tracing::warn!(%error, "database does not answer");
                Self::DependencyUnavailable { dependency: "sql" }
            }
            Fault::Taken(_) | Fault::Broken => Self::Internal(format!("database: {error}")),
        }
    }
}

impl From<HashError> for Error {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Overloaded { retry_after } => Self::Overloaded { retry: retry_after },
            HashError::Unusable(cause) => Self::Internal(format!("stored hash: {cause}")),
            HashError::Stopped => Self::DependencyUnavailable {
                dependency: "hashing",
            },
        }
    }
}

impl From<Unavailable> for Error {
    fn from(error: Unavailable) -> Self {
        tracing::warn!(%error, "key-value store does not answer");
        Self::DependencyUnavailable { dependency: "kv" }
    }
}

impl From<TokenFault> for Error {
    fn from(fault: TokenFault) -> Self {
        match fault {
            TokenFault::Invalid => Self::TokenInvalid,
            TokenFault::Expired => Self::TokenExpired,
        }
    }
}
