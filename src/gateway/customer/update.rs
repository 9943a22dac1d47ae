//! `POST /customer/update`
//!
//! The document names the endpoint and leaves its body open; the original answers `{}` to whoever has a token. What is
//! taken here are the members of the registration, so that a client that sends nothing gets an object as before.

use axum::{extract::State, response::Response};
use http::StatusCode;
use prost_types::FieldMask;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Failure, Told, activate::LENGTH, answer, failure};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller, fault::Fault, text::Digits},
    proto::{
        Account, ErrorReason, OtpPurpose, UpdateRequest, VerifyOtpRequest,
        verify_otp_request::Subject,
    },
};

/// What is to change. What is left out, or null, stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Update {
    #[schema(example = "peter")]
    username: Option<String>,
    /// The new address gets a code; it takes the place of the old one when the code comes back as `otp`.
    #[schema(format = Email)]
    email: Option<String>,
    /// 8 to 15 digits; an empty text removes the number.
    phone_num: Option<String>,
    /// The new password; `password` is another name of this member. Ends all other logins.
    #[serde(alias = "password")]
    #[schema(format = Password, min_length = 8, max_length = 128)]
    new_password: Option<String>,
    /// The password so far: needed where `email`, `phoneNum` or `newPassword` is given.
    #[schema(format = Password)]
    old_password: Option<String>,
    /// The code that was sent to a new address. Comes alone.
    otp: Option<Digits>,
}

/// The account after the change.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Updated {
    #[schema(example = "peter")]
    username: String,
    #[schema(format = Email)]
    email: String,
    /// Empty where there is none.
    phone_num: String,
    /// The address that waits for its code.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    pending_email: String,
}

impl From<Account> for Updated {
    fn from(account: Account) -> Self {
        Self {
            username: account.username,
            email: account.email,
            phone_num: account.phone,
            pending_email: account.pending_email,
        }
    }
}

impl Update {
    fn changes_nothing(&self) -> bool {
        [
            &self.username,
            &self.email,
            &self.phone_num,
            &self.new_password,
            &self.old_password,
        ]
        .into_iter()
        .all(Option::is_none)
    }
}

/// Changes the account of the token, and tells how it is now.
#[utoipa::path(
    post,
    path = "/customer/update",
    security(("token" = [])),
    request_body = Option<Update>,
    responses(
        (status = 200, description = "the account as it is now", body = Updated),
        (
            status = 400,
            description = "`ValidationError`, `InvalidPassword` for the old password, `UserAlreadyExisted` for a taken \
                username, email or phone number; `OtpNotFound`, `OtpExpired`, `TooMuchTrials`, `InvalidOtp` for `otp`",
            body = Told
        ),
        (
            status = 401,
            description = "`VerifyError`, `InactiveUserRequest`, `JsonWebTokenError`, `TokenExpiredError`, or `{}` without \
                a token",
            body = Object
        ),
        (status = 429, description = "`TooManyRequests`: too many guesses, or codes", body = Told),
    )
)]
pub(super) async fn update(
    State(api): State<Api>,
    caller: Caller,
    body: Body,
) -> Result<Response, Failure> {
    let token = failure::token(&caller)?;
    let mut body: Update = body.json()?;
    let account = match (body.changes_nothing(), body.otp.take()) {
        (true, None) => current(&api, &caller, token).await?,
        (true, Some(otp)) => confirm(&api, &caller, token, &otp).await?,
        (false, None) => change(&api, &caller, token, body).await?,
        (false, Some(_)) => {
            let text = "otp belongs to a new email that was sent before: send it alone";
            return Err(Fault::Malformed(String::from(text)).into());
        }
    };
    Ok(answer(StatusCode::OK, Updated::from(account)))
}

async fn current(api: &Api, caller: &Caller, token: &str) -> Result<Account, Failure> {
    let answered = api.account(caller, token).await;
    answered.map_err(Failure::with_token(token))
}

/// Brings back the code of a new address.
async fn confirm(
    api: &Api,
    caller: &Caller,
    token: &str,
    otp: &Digits,
) -> Result<Account, Failure> {
    let account = current(api, caller, token).await?;
    let message = VerifyOtpRequest {
        realm: api.realm(),
        subject: Some(Subject::AccountId(account.id)),
        purpose: OtpPurpose::ChangeEmail.into(),
        code: otp.padded(LENGTH),
        request_id: caller.idempotency_key(),
        ..VerifyOtpRequest::default()
    };
    let request = api.request(caller, message);
    let answered = api.client().verify_otp(request).await.map_err(|status| {
        Failure::from(status)
            .meaning(ErrorReason::AccountNotFound, ErrorReason::AccountDeleted)
            .odd_field_meaning("code", ErrorReason::CodeIncorrect)
    })?;
    Ok(answered.into_inner().account.ok_or(Fault::Internal)?)
}

async fn change(api: &Api, caller: &Caller, token: &str, body: Update) -> Result<Account, Failure> {
    let named = [
        ("username", &body.username),
        ("email", &body.email),
        ("phone", &body.phone_num),
        ("password", &body.new_password),
    ];
    let paths = named
        .into_iter()
        .filter(|(_, value)| value.is_some())
        .map(|(path, _)| path.to_owned())
        .collect();
    let message = UpdateRequest {
        update_mask: Some(FieldMask { paths }),
        username: body.username.unwrap_or_default(),
        email: body.email.unwrap_or_default(),
        phone: body.phone_num.unwrap_or_default(),
        password: body.new_password.unwrap_or_default(),
        current_password: body.old_password.unwrap_or_default(),
        request_id: caller.idempotency_key(),
        ..UpdateRequest::default()
    };
    let request = api.request_as(caller, token, message);
    let answered = api.client().update(request).await;
    let answered = answered.map_err(Failure::with_token(token))?.into_inner();
    Ok(answered.account.ok_or(Fault::Internal)?)
}
