//! `POST /api/users/register`

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Address, Done, Failed, Failure};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller, fault::Fault, refusal::Refusal},
    proto::{ErrorReason, RegisterRequest},
};

/// A new account.
#[derive(Deserialize, ToSchema)]
pub(super) struct Register {
    #[serde(default)]
    #[schema(required, min_length = 1, max_length = 100, example = "broo")]
    nama: String,
    #[serde(default)]
    #[schema(required, format = Email, example = "broo@example.com")]
    email: String,
    /// 8 to 15 digits, with a `+` before a country code.
    #[serde(default)]
    #[schema(required, pattern = r"^\+?[0-9]{8,15}$", example = "08123123123")]
    telp: String,
    #[serde(default)]
    #[schema(required, format = Password, min_length = 8, max_length = 128, example = "a long day")]
    password: String,
}

/// Registers an account, which stays inactive until its code comes back.
///
/// As long as nobody has activated it, another registration of the same email takes its place.
#[utoipa::path(
    post,
    path = "/api/users/register",
    request_body = Register,
    responses(
        (status = 200, description = "a code is on its way", body = Done<Address>),
        (status = 400, description = "the email or the number is no such thing or taken, or another field cannot be \
            taken", body = Failed),
        (status = 429, description = "the address has had its codes of the day", body = Failed),
    )
)]
pub(super) async fn register(
    State(api): State<Api>,
    caller: Caller,
    body: Body,
) -> Result<Json<Done<Address>>, Failure> {
    let body: Register = body.json()?;
    let message = RegisterRequest {
        realm: api.realm(),
        full_name: body.nama,
        email: body.email,
        phone: body.telp,
        password: body.password,
        request_id: caller.idempotency_key(),
        ..RegisterRequest::default()
    };
    let request = api.request(&caller, message);
    let answer = api.client().register(request).await.map_err(refused)?;
    let account = answer.into_inner().account.ok_or(Fault::Internal)?;
    let data = Address {
        email: account.email,
    };
    let told = "success register, token already sent";
    Ok(Json(Done::new(data, told)))
}

/// The document has one text for every email and number that cannot be had, and the original one for everything else.
fn refused(status: tonic::Status) -> Fault {
    let refusal = Refusal::from(status);
    let is_contact = |field| refusal.violation(field).is_some();
    match refusal.reason {
        ErrorReason::EmailTaken | ErrorReason::PhoneTaken => invalid(),
        ErrorReason::InvalidField if is_contact("email") || is_contact("phone") => invalid(),
        ErrorReason::InvalidField => {
            Fault::Malformed(String::from("An error occurred during registration"))
        }
        _ => Fault::Refused(refusal),
    }
}

fn invalid() -> Fault {
    Fault::Malformed(String::from("email/telp number invalid"))
}
