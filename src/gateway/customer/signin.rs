//! `POST /customer/signin`

use axum::{extract::State, response::Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Failure, Token, Told, answer};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller, fault::Fault},
    proto::{LoginRequest, Tokens, login_request::Identifier},
};

/// User name and password.
#[derive(Deserialize, ToSchema)]
pub(super) struct Signin {
    #[serde(default)]
    #[schema(required, example = "peter")]
    username: String,
    #[serde(default)]
    #[schema(required, format = Password, example = "a long day at sea")]
    password: String,
}

/// Logs in.
#[utoipa::path(
    post,
    path = "/customer/signin",
    request_body = Signin,
    responses(
        (status = 200, description = "a token for 30 minutes", body = Token),
        (status = 400, description = "`ValidationError`", body = Told),
        (status = 401, description = "`UserNotFound`, `InvalidPassword` or `AccountNotActivated`", body = Told),
    )
)]
pub(super) async fn signin(
    State(api): State<Api>,
    caller: Caller,
    body: Body,
) -> Result<Response, Failure> {
    let body: Signin = body.json()?;
    let message = LoginRequest {
        realm: api.realm(),
        identifier: Some(Identifier::Username(body.username)),
        password: body.password,
        request_id: caller.idempotency_key(),
    };
    let request = api.request(&caller, message);
    let answered = api.client().login(request).await?.into_inner();
    logged_in(answered.tokens)
}

/// The token of a session that was opened.
pub(super) fn logged_in(tokens: Option<Tokens>) -> Result<Response, Failure> {
    let token = tokens.ok_or(Fault::Internal)?.access_token;
    Ok(answer(StatusCode::OK, Token { token }))
}
