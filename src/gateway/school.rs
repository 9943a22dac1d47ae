//! The dialect `school`: the document `school.txt`.
//!
//! Every text stands in `message`, in the language of the school where the document has it in that. A session lives in
//! the cookie `refreshToken`; access tokens come with `Bearer` or bare. Who wants an email proves it before, by a code.

mod cookies;
mod details;
mod fields;
mod login;
mod logout;
mod number;
mod refresh;
mod register;
mod request_otp;
mod student_id;
mod update;

use std::{borrow::Cow, time::Duration};

use axum::{
    Extension, Router,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::cookies::Cookies;
use super::{
    api::Api,
    docs::{self, BareToken},
    edge::Options,
    fault::{Fallback, Fault, answer},
    now::Now,
    refusal::Refusal,
};
use crate::proto::{Account, ErrorReason};

/// What the dialect says of itself in its description.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "accountd: school",
        description = "Accounts of a school library. The session is the cookie `refreshToken`; access tokens last five minutes."
    ),
    modifiers(&BareToken, &Session)
)]
struct Document;

/// The session in the cookie.
struct Session;

impl utoipa::Modify for Session {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
        let cookie = ApiKeyValue::with_description(cookies::NAME, "the session, set by login");
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// What its endpoints know beside the contract.
#[derive(Clone, Debug)]
struct Desk {
    cookies: Cookies,
    now: Now,
}

/// The endpoints, their document, and the words for what no endpoint knows.
pub(super) fn routes(options: &Options) -> (Router<Api>, docs::Describe, Fallback) {
    let desk = Desk {
        cookies: Cookies::new(&options.prefix, options.secure_cookies),
        now: options.now.clone(),
    };
    let (router, _) = endpoints().split_for_parts();
    let router = router.layer(Extension(desk));
    (router, document, |fault| {
        Failure::from(fault).into_response()
    })
}

fn endpoints() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(register::register))
        .routes(routes!(request_otp::request_otp))
        .routes(routes!(login::login))
        .routes(routes!(refresh::refresh))
        .routes(routes!(logout::logout))
        .routes(routes!(details::details))
        .routes(routes!(update::update))
}

fn document() -> utoipa::openapi::OpenApi {
    docs::with_common(endpoints().into_openapi(), "Message")
}

/// A text: all of a failure, and of some successes.
#[derive(Serialize, ToSchema)]
struct Message {
    /// For people.
    #[schema(example = "Pengguna tidak ditemukan!")]
    message: Cow<'static, str>,
}

impl Message {
    const fn of(text: &'static str) -> Self {
        Self {
            message: Cow::Borrowed(text),
        }
    }
}

/// An account, in the order of the document.
#[derive(Serialize, ToSchema)]
struct User {
    /// Year of entry, department, class and number of attendance: nine digits.
    #[schema(example = "202272036")]
    id: String,
    #[schema(example = "zackdesu")]
    username: String,
    #[schema(example = "Wongso Wijaya")]
    name: String,
    /// Left out where the account has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false, example = "zackdesu@email.com")]
    email: String,
    #[schema(example = "MEMBER")]
    role: String,
}

impl From<Account> for User {
    fn from(account: Account) -> Self {
        Self {
            id: account.external_id,
            username: account.username,
            name: account.full_name,
            email: account.email,
            role: account.role,
        }
    }
}

/// Why a request is not answered as it hoped, in the document's words.
#[derive(Debug)]
struct Failure {
    status: StatusCode,
    message: Cow<'static, str>,
    retry: Option<Duration>,
}

impl Failure {
    const fn new(status: StatusCode, message: &'static str) -> Self {
        Self {
            status,
            message: Cow::Borrowed(message),
            retry: None,
        }
    }
}

impl<T: Into<Fault>> From<T> for Failure {
    fn from(fault: T) -> Self {
        let fault = fault.into();
        let (status, message) = match &fault {
            Fault::Refused(refusal) => words(refusal),
            Fault::NotFound => (StatusCode::NOT_FOUND, "Not Found".into()),
            Fault::Method => (StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed".into()),
            Fault::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Internal Server Error!".into(),
            ),
            other => (
                other.status().unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
                other.text().to_owned().into(),
            ),
        };
        Self {
            status,
            message,
            retry: fault.retry(),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = Message {
            message: self.message,
        };
        answer(self.status, self.retry, body)
    }
}

/// What the document says of each reason; endpoints that mean another thing by one say so themselves.
fn words(refusal: &Refusal) -> (StatusCode, Cow<'static, str>) {
    use ErrorReason as Reason;
    let (status, text) = match refusal.reason {
        Reason::InvalidField => return (StatusCode::BAD_REQUEST, fields::told(refusal).into()),
        Reason::CodeRequired => (
            StatusCode::BAD_REQUEST,
            "Masukkan kode OTP yang valid dari email!",
        ),
        Reason::CodeIncorrect => (StatusCode::BAD_REQUEST, "Kode OTP salah!"),
        Reason::CurrentPasswordIncorrect => (StatusCode::BAD_REQUEST, "Old password is wrong!"),
        Reason::WrongPassword => (StatusCode::UNAUTHORIZED, "Password salah!"),
        Reason::InvalidCredentials => (StatusCode::UNAUTHORIZED, "Username atau password salah!"),
        Reason::TokenMissing
        | Reason::TokenInvalid
        | Reason::TokenExpired
        | Reason::TokenRevoked
        | Reason::AccountDeleted
        | Reason::UploadTicketInvalid => (StatusCode::UNAUTHORIZED, "Unauthorized Access!"),
        Reason::RefreshTokenInvalid | Reason::RefreshTokenExpired | Reason::RefreshTokenReused => {
            (StatusCode::FORBIDDEN, "Refresh Token Invalid!")
        }
        Reason::CodeExpired => (StatusCode::FORBIDDEN, "Kode OTP sudah kadaluwarsa"),
        Reason::AccountSuspended => (StatusCode::FORBIDDEN, "Akunmu dinonaktifkan!"),
        Reason::AccountNotActivated => (StatusCode::FORBIDDEN, "Akunmu belum aktif!"),
        Reason::PasswordChangeRequired => (StatusCode::FORBIDDEN, "Passwordmu harus diganti!"),
        Reason::ReauthenticationRequired => (
            StatusCode::FORBIDDEN,
            "Masukkan password lamamu atau login ulang!",
        ),
        Reason::AccountNotFound => (StatusCode::NOT_FOUND, "Pengguna tidak ditemukan!"),
        Reason::CodeNotFound => (StatusCode::NOT_FOUND, "Kamu belum mengirim OTP ke emailmu!"),
        Reason::UsernameTaken => (
            StatusCode::CONFLICT,
            "Username sudah digunakan, ganti username anda dengan yang lain.",
        ),
        Reason::EmailTaken => (
            StatusCode::CONFLICT,
            "Email sudah digunakan, ganti email anda dengan yang lain.",
        ),
        Reason::ExternalIdTaken => (
            StatusCode::CONFLICT,
            "Silahkan periksa kembali nomor absenmu.",
        ),
        Reason::CodeResendTooSoon => (
            StatusCode::TOO_MANY_REQUESTS,
            "Kamu sudah mengirimkan OTP sebelumnya!",
        ),
        Reason::CodeAttemptsExhausted => (
            StatusCode::TOO_MANY_REQUESTS,
            "Kode OTP terlalu sering salah! Silahkan minta kode baru.",
        ),
        Reason::RateLimited | Reason::CodeQuotaExceeded => (
            StatusCode::TOO_MANY_REQUESTS,
            "Kamu melakukan request terlalu banyak! Silahkan coba lagi nanti.",
        ),
        Reason::PictureDamaged
        | Reason::ScopeMissing
        | Reason::LimitNotFound
        | Reason::Internal
        | Reason::Unspecified => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error!"),
        Reason::MalformedRequest
        | Reason::RequestIdReused
        | Reason::FeatureDisabled
        | Reason::PictureTypeUnsupported
        | Reason::PictureMalformed
        | Reason::UploadMismatch => return own(StatusCode::BAD_REQUEST, refusal),
        Reason::RealmUnknown
        | Reason::MethodUnknown
        | Reason::SessionNotFound
        | Reason::PictureNotFound => return own(StatusCode::NOT_FOUND, refusal),
        Reason::PhoneTaken | Reason::EtagMismatch | Reason::Conflict => {
            return own(StatusCode::CONFLICT, refusal);
        }
        Reason::PictureTooLarge => return own(StatusCode::PAYLOAD_TOO_LARGE, refusal),
        Reason::TransferTooSlow => return own(StatusCode::REQUEST_TIMEOUT, refusal),
        Reason::Overloaded | Reason::DependencyUnavailable => {
            return own(StatusCode::SERVICE_UNAVAILABLE, refusal);
        }
        Reason::DeadlineExceeded => return own(StatusCode::GATEWAY_TIMEOUT, refusal),
    };
    (status, text.into())
}

/// The contract's own text, where the document has none.
fn own(status: StatusCode, refusal: &Refusal) -> (StatusCode, Cow<'static, str>) {
    (status, refusal.text.clone().into())
}
