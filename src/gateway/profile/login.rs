//! `POST /api/v1/users/login`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Data, Errors, Failure};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller, fault::Fault},
    proto::{ErrorReason, LoginRequest, login_request::Identifier},
};

/// Email and password.
#[derive(Deserialize, ToSchema)]
pub(super) struct Login {
    #[serde(default)]
    #[schema(required, example = "nekochan@example.com")]
    email: String,
    #[serde(default)]
    #[schema(required, format = Password, example = "shinachan")]
    password: String,
}

/// The token.
#[derive(Serialize, ToSchema)]
pub(super) struct Token {
    token: String,
}

/// Logs in; a token got before stops working.
#[utoipa::path(
    post,
    path = "/api/v1/users/login",
    request_body = Login,
    responses(
        (status = 200, description = "a token for 24 hours", body = Data<Token>),
        (status = 400, description = "a field cannot be taken", body = Errors),
        (status = 401, description = "no active account has that email and that password", body = Errors),
    )
)]
pub(super) async fn login(
    State(api): State<Api>,
    caller: Caller,
    body: Body,
) -> Result<Json<Data<Token>>, Failure> {
    let body: Login = body.json()?;
    let message = LoginRequest {
        realm: api.realm(),
        identifier: Some(Identifier::Email(body.email)),
        password: body.password,
        request_id: caller.idempotency_key(),
    };
    let request = api.request(&caller, message);
    let answer = api.client().login(request).await.map_err(unknown)?;
    let tokens = answer.into_inner().tokens.ok_or(Fault::Internal)?;
    let data = Token {
        token: tokens.access_token,
    };
    Ok(Json(Data { data }))
}

/// The document tells an unknown email and a wrong password alike.
fn unknown(status: tonic::Status) -> Fault {
    match Fault::from(status) {
        Fault::Refused(mut refusal) if refusal.reason == ErrorReason::AccountNotFound => {
            refusal.reason = ErrorReason::InvalidCredentials;
            Fault::Refused(refusal)
        }
        other => other,
    }
}
