//! The limit of every text of the contract. A field without a line here fails the test.

use accountd::proto::{
    self,
    login_request::Identifier,
    resend_otp_request,
    upload_profile_picture_request::{Header, Part},
    verify_otp_request,
};
use prost::Message as _;

use crate::support::client::PASSWORD;

/// What a text may be.
pub(super) struct Rule {
    /// The longest one that is taken, where there is a longest, or one of the right form.
    pub(super) most: String,
    /// Whether it may be left out.
    pub(super) may_be_empty: bool,
}

/// The rule of one text.
///
/// # Panics
/// When it has none.
pub(super) fn rule(method: &str, path: &str) -> Rule {
    let always_needed = !matches!(method, "Register" | "Update" | "Logout");
    let (most, may_be_empty) = match (path, method) {
        ("realm", _) => ("d".repeat(64), true),
        ("username", "Login") => ("u".repeat(512), false),
        ("username", _) => ("u".repeat(64), !always_needed),
        ("email", "Update") | ("address", _) => (longest_email(), true),
        ("email", _) => (longest_email(), false),
        ("phone", _) => (String::from("+6281231231234"), !always_needed),
        ("full_name", _) => ("n".repeat(255), true),
        ("locale", _) => (String::from("id"), true),
        ("external_id", _) => ("e".repeat(64), true),
        ("attributes.fields.key", _) => ("k".repeat(128), true),
        // As JSON, the name and the marks around both are counted too.
        ("attributes.fields.value.string_value", _) => ("v".repeat(16 * 1024 - 7), true),
        ("password", "Login") | ("current_password", "Delete") => ("p".repeat(1024), false),
        ("current_password", _) => ("p".repeat(1024), true),
        ("password", "Update") => (longest_password(), true),
        ("password" | "new_password", _) => (longest_password(), false),
        ("code", _) => (String::from("123456"), !always_needed),
        ("account_id" | "session_id", _) => (uuid(), false),
        ("request_id" | "header.request_id" | "challenge_id" | "page_token", _) => (uuid(), true),
        ("refresh_token", _) => ("r".repeat(512), !always_needed),
        ("etag" | "if_match" | "if_none_match" | "header.etag" | "header.ticket", _) => {
            ("e".repeat(512), true)
        }
        ("header.content_type", _) => (format!("image/png;{}", "p".repeat(502)), true),
        ("update_mask.paths", _) => (String::from("full_name"), false),
        _ => panic!("{method}.{path} is new: write down its limit, here and in its comment"),
    };
    Rule { most, may_be_empty }
}

fn uuid() -> String {
    String::from("0192f0c1-7a3b-7c4d-8e5f-0123456789ab")
}

/// 64 bytes before the `@` and 189 behind it: 254 in all.
fn longest_email() -> String {
    let label = "d".repeat(61);
    format!("{}@{label}.{label}.{label}.com", "l".repeat(64))
}

fn longest_password() -> String {
    "every ship has a captain and a cat; "
        .chars()
        .cycle()
        .take(128)
        .collect()
}

/// A request of the method that is right without further fields, or nearly so.
pub fn base(method: &str) -> Vec<u8> {
    let email = || String::from("ada@example.com");
    match method {
        "Register" => proto::RegisterRequest {
            username: String::from("grace"),
            email: String::from("grace@example.com"),
            password: PASSWORD.to_owned(),
            ..proto::RegisterRequest::default()
        }
        .encode_to_vec(),
        "RequestOtp" => proto::RequestOtpRequest {
            email: email(),
            ..proto::RequestOtpRequest::default()
        }
        .encode_to_vec(),
        "VerifyOtp" => proto::VerifyOtpRequest {
            subject: Some(verify_otp_request::Subject::Email(email())),
            code: String::from("000000"),
            ..proto::VerifyOtpRequest::default()
        }
        .encode_to_vec(),
        "ResendOtp" => proto::ResendOtpRequest {
            subject: Some(resend_otp_request::Subject::Email(email())),
            ..proto::ResendOtpRequest::default()
        }
        .encode_to_vec(),
        "Login" => proto::LoginRequest {
            identifier: Some(Identifier::Username(String::from("ada"))),
            password: PASSWORD.to_owned(),
            ..proto::LoginRequest::default()
        }
        .encode_to_vec(),
        "Refresh" => proto::RefreshRequest {
            refresh_token: String::from("rt_unknown"),
            ..proto::RefreshRequest::default()
        }
        .encode_to_vec(),
        "Update" => proto::UpdateRequest {
            full_name: String::from("Ada"),
            ..proto::UpdateRequest::default()
        }
        .encode_to_vec(),
        // The wrong password, since the account is needed afterwards.
        "Delete" => proto::DeleteRequest {
            current_password: String::from("not hers"),
            ..proto::DeleteRequest::default()
        }
        .encode_to_vec(),
        "ResetPassword" => proto::ResetPasswordRequest {
            email: email(),
            code: String::from("000000"),
            new_password: PASSWORD.to_owned(),
            ..proto::ResetPasswordRequest::default()
        }
        .encode_to_vec(),
        "RevokeSession" => proto::RevokeSessionRequest {
            session_id: uuid(),
            ..proto::RevokeSessionRequest::default()
        }
        .encode_to_vec(),
        "UploadProfilePicture" => proto::UploadProfilePictureRequest {
            part: Some(Part::Header(Header {
                size: 1,
                ..Header::default()
            })),
        }
        .encode_to_vec(),
        "Logout"
        | "GetCurrent"
        | "ListSessions"
        | "DownloadProfilePicture"
        | "DeleteProfilePicture" => Vec::new(),
        _ => panic!("{method} is new: write down a request that it takes"),
    }
}
