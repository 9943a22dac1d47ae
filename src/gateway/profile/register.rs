//! `POST /api/v1/users`

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Data, Errors, Failure, User};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller, fault::Fault},
    proto::{Date, RegisterRequest},
};

/// A new account.
#[derive(Deserialize, ToSchema)]
pub(super) struct Register {
    #[serde(default)]
    #[schema(required, min_length = 2, max_length = 100, example = "nekochan")]
    username: String,
    #[serde(default)]
    #[schema(required, min_length = 2, max_length = 255, example = "Shina Mahiru")]
    full_name: String,
    #[serde(default)]
    #[schema(required, format = Email, example = "shinapyon@example.com")]
    email: String,
    #[serde(default)]
    #[schema(required, format = Password, min_length = 8, max_length = 128, example = "shinachan")]
    password: String,
    /// `YYYY-MM-DD`.
    #[schema(format = Date, example = "2002-08-08")]
    birth_date: Option<String>,
}

/// Registers an account, which stays inactive until its code comes back by `verify-otp`.
#[utoipa::path(
    post,
    path = "/api/v1/users",
    request_body = Register,
    responses(
        (status = 200, description = "the account, inactive", body = Data<User>),
        (status = 400, description = "a field cannot be taken", body = Errors),
        (status = 409, description = "the user name or the email is taken", body = Errors),
    )
)]
pub(super) async fn register(
    State(api): State<Api>,
    caller: Caller,
    body: Body,
) -> Result<Json<Data<User>>, Failure> {
    let body: Register = body.json()?;
    let birth_date = body.birth_date.as_deref().map(date).transpose()?;
    let message = RegisterRequest {
        realm: api.realm(),
        username: body.username,
        full_name: body.full_name,
        email: body.email,
        password: body.password,
        birth_date,
        request_id: caller.idempotency_key(),
        ..RegisterRequest::default()
    };
    let request = api.request(&caller, message);
    let answer = api.client().register(request).await?.into_inner();
    let user = answer.account.map(User::from).ok_or(Fault::Internal)?;
    Ok(Json(Data { data: user }))
}

/// `YYYY-MM-DD`; whether there is such a day is the contract's to say.
fn date(text: &str) -> Result<Date, Fault> {
    let mut parts = text.splitn(3, '-').map(str::parse);
    let mut next = || parts.next()?.ok();
    match (next(), next(), next()) {
        (Some(year), Some(month), Some(day)) => Ok(Date { year, month, day }),
        _ => Err(Fault::Malformed(String::from(
            "\"birth_date\" must be a date such as 2002-08-08",
        ))),
    }
}
