//! `POST /api/users/login`

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Done, Failed, Failure, Token, fields};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller, fault::Fault, refusal::Refusal},
    proto::{ErrorReason, LoginRequest, login_request::Identifier},
};

/// Email and password.
#[derive(Deserialize, ToSchema)]
pub(super) struct Login {
    #[serde(default)]
    #[schema(required, example = "broo@example.com")]
    email: String,
    #[serde(default)]
    #[schema(required, format = Password, example = "a long day")]
    password: String,
}

/// Logs in.
#[utoipa::path(
    post,
    path = "/api/users/login",
    request_body = Login,
    responses(
        (status = 200, description = "a token for 5 hours", body = Done<Token>),
        (status = 400, description = "a field is missing", body = Failed),
        (status = 401, description = "no account has that email, or not that password", body = Failed),
        (status = 410, description = "the password is right, and the account waits for its code or was stopped",
            body = Failed),
    )
)]
pub(super) async fn login(
    State(api): State<Api>,
    caller: Caller,
    body: Body,
) -> Result<Json<Done<Token>>, Failure> {
    let body: Login = body.json()?;
    let message = LoginRequest {
        realm: api.realm(),
        identifier: Some(Identifier::Email(body.email)),
        password: body.password,
        request_id: caller.idempotency_key(),
    };
    let request = api.request(&caller, message);
    let answer = api.client().login(request).await.map_err(refused)?;
    let tokens = answer.into_inner().tokens.ok_or(Fault::Internal)?;
    let data = Token {
        token: tokens.access_token,
    };
    Ok(Json(Done::new(data, "Authentication successful")))
}

/// What is no email is nobody's; what is missing is told by its name.
fn refused(status: tonic::Status) -> Fault {
    let mut refusal = Refusal::from(status);
    let only_email = |refusal: &Refusal| {
        let mut violations = refusal.violations.iter();
        violations.all(|one| one.field == "email" && one.reason != "REQUIRED")
    };
    match refusal.reason {
        ErrorReason::AccountNotFound => refusal.reason = ErrorReason::InvalidCredentials,
        ErrorReason::InvalidField if only_email(&refusal) => {
            refusal.reason = ErrorReason::InvalidCredentials;
        }
        ErrorReason::InvalidField => {
            let told = fields(&refusal, "password");
            return Fault::Malformed(format!("Authentication failed: {told}"));
        }
        _ => {}
    }
    Fault::Refused(refusal)
}
