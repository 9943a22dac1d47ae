//! `POST /auth/login`

use axum::{
    Extension, Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use axum_extra::extract::CookieJar;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Desk, Failure, Message, User, cookies, refresh};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller, fault::Fault},
    proto::{ErrorReason, LoginRequest, login_request::Identifier},
};

/// User name and password.
#[derive(Deserialize, ToSchema)]
pub(super) struct Login {
    #[serde(default)]
    #[schema(required, example = "zackdesu")]
    username: String,
    #[serde(default)]
    #[schema(required, format = Password, example = "123456")]
    password: String,
}

/// The account and a token.
#[derive(Serialize, ToSchema)]
pub(super) struct LoggedIn {
    #[schema(example = "Selamat datang, zackdesu!")]
    message: String,
    user: User,
    /// For five minutes.
    #[serde(rename = "accessToken")]
    access_token: String,
}

/// Logs in and sets the cookie; a session opened before ends.
///
/// A client whose cookie still holds a session is refused: it has logged in.
#[utoipa::path(
    post,
    path = "/auth/login",
    request_body = Login,
    responses(
        (status = 200, description = "a token and the cookie of a session", body = LoggedIn),
        (status = 400, description = "the user name or the password is missing", body = Message),
        (status = 401, description = "the password is wrong", body = Message),
        (status = 403, description = "the cookie holds a session already", body = Message),
        (status = 404, description = "nobody has the user name", body = Message),
        (status = 429, description = "too many logins", body = Message),
    )
)]
pub(super) async fn login(
    State(api): State<Api>,
    Extension(desk): Extension<Desk>,
    caller: Caller,
    jar: CookieJar,
    body: Body,
) -> Result<Response, Failure> {
    if let Some(token) = cookies::given(&jar)
        && let Some(tokens) = refresh::if_alive(&api, &caller, token).await?
    {
        // To look at a session is to move it on: the client gets the successor, so that it stays logged in.
        let jar = desk.cookies.keep(tokens.refresh_token);
        let failure = Failure::new(StatusCode::FORBIDDEN, "User have logged in.");
        return Ok((jar, failure).into_response());
    }
    let body: Login = body.json()?;
    let message = LoginRequest {
        realm: api.realm(),
        identifier: Some(Identifier::Username(body.username)),
        password: body.password,
        request_id: caller.idempotency_key(),
    };
    let request = api.request(&caller, message);
    let answer = api.client().login(request).await.map_err(refused)?;
    let answer = answer.into_inner();
    let tokens = answer.tokens.ok_or(Fault::Internal)?;
    let user = answer.account.map(User::from).ok_or(Fault::Internal)?;
    let body = LoggedIn {
        message: format!("Selamat datang, {}!", user.username),
        user,
        access_token: tokens.access_token,
    };
    let jar = desk.cookies.keep(tokens.refresh_token);
    Ok((jar, Json(body)).into_response())
}

/// What is missing and what comes too often have words of their own here.
fn refused(status: tonic::Status) -> Failure {
    let fault = Fault::from(status);
    let Fault::Refused(refusal) = &fault else {
        return fault.into();
    };
    let is_missing = refusal
        .violations
        .iter()
        .any(|one| one.reason == "REQUIRED");
    match refusal.reason {
        ErrorReason::InvalidField if is_missing => Failure::new(
            StatusCode::BAD_REQUEST,
            "Username atau password belum di isi!",
        ),
        ErrorReason::RateLimited => Failure {
            retry: refusal.retry,
            ..Failure::new(
                StatusCode::TOO_MANY_REQUESTS,
                "Kamu melakukan login terlalu banyak! Silahkan coba lagi nanti.",
            )
        },
        _ => fault.into(),
    }
}
