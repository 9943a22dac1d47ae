//! `PUT /api/users`

use axum::{Json, extract::State};
use prost_types::FieldMask;
use serde::{Deserialize, Serialize};
use tonic::Status;
use utoipa::ToSchema;

use super::{Done, Failed, Failure, fields};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller, fault::Fault, refusal::Refusal},
    proto::{ErrorReason, UpdateRequest},
};

/// What is to be changed. A member that is not there leaves its value as it is, and so does an empty `newpassword`.
#[derive(Deserialize, ToSchema)]
pub(super) struct Update {
    #[schema(min_length = 1, max_length = 100, example = "broo")]
    nama: Option<String>,
    #[schema(format = Email, example = "broo@example.com")]
    email: Option<String>,
    #[schema(pattern = r"^\+?[0-9]{8,15}$", example = "08123123123")]
    telp: Option<String>,
    #[serde(default)]
    #[schema(required, format = Password, example = "a long day")]
    oldpassword: String,
    #[schema(format = Password, max_length = 128, example = "a longer day")]
    newpassword: Option<String>,
}

impl Update {
    fn into_message(self, request_id: String) -> UpdateRequest {
        let password = self.newpassword.filter(|password| !password.is_empty());
        let named = [
            ("full_name", self.nama.is_some()),
            ("email", self.email.is_some()),
            ("phone", self.telp.is_some()),
            ("password", password.is_some()),
        ];
        let paths = named.into_iter().filter(|(_, is_there)| *is_there);
        UpdateRequest {
            update_mask: Some(FieldMask {
                paths: paths.map(|(path, _)| path.to_owned()).collect(),
            }),
            full_name: self.nama.unwrap_or_default(),
            email: self.email.unwrap_or_default(),
            phone: self.telp.unwrap_or_default(),
            password: password.unwrap_or_default(),
            current_password: self.oldpassword,
            request_id,
            ..UpdateRequest::default()
        }
    }
}

/// The account after the change, and a fresh token.
#[derive(Serialize, ToSchema)]
pub(super) struct Updated {
    #[schema(example = "broo")]
    nama: String,
    #[schema(example = "broo@example.com")]
    email: String,
    #[schema(example = "08123123123")]
    telp: String,
    token: String,
}

/// Changes the account of the token, all of it or nothing. A new password ends every other session.
#[utoipa::path(
    put,
    path = "/api/users",
    security(("token" = [])),
    request_body = Update,
    responses(
        (status = 200, description = "the account as it is now, and a fresh token", body = Done<Updated>),
        (status = 400, description = "the old password is wrong or missing, the email or the number is taken, or a \
            field cannot be taken", body = Failed),
        (status = 401, description = "the token does not work, or not any more", body = Failed),
        (status = 409, description = "another change came first: nothing was changed", body = Failed),
        (status = 410, description = "the token is good, and its account was deleted or stopped", body = Failed),
    )
)]
pub(super) async fn update(
    State(api): State<Api>,
    caller: Caller,
    body: Body,
) -> Result<Json<Done<Updated>>, Failure> {
    let body: Update = body.json()?;
    let token = caller.token().unwrap_or_default();
    if body.oldpassword.is_empty() {
        return Err(without_password(&api, &caller, token).await);
    }
    let message = body.into_message(caller.idempotency_key());
    let request = api.request_as(&caller, token, message);
    let answer = api.client().update(request).await.map_err(refused)?;
    let answer = answer.into_inner();
    let (Some(account), Some(tokens)) = (answer.account, answer.tokens) else {
        return Err(Fault::Internal.into());
    };
    let data = Updated {
        nama: account.full_name,
        email: account.email,
        telp: account.phone,
        token: tokens.access_token,
    };
    Ok(Json(Done::new(data, "success update data")))
}

/// The contract asks for the password only where it matters; the document asks always. Who has no token is told that.
async fn without_password(api: &Api, caller: &Caller, token: &str) -> Failure {
    match api.account(caller, token).await {
        Ok(_) => Failure(wrong_old_password()),
        Err(status) => Failure::from(status),
    }
}

fn wrong_old_password() -> Fault {
    Fault::Malformed(String::from("cant update data, wrong old password"))
}

/// What cannot be any account's password is not this one's; other fields are told as the document tells the password.
fn refused(status: Status) -> Fault {
    let refusal = Refusal::from(status);
    match refusal.reason {
        ErrorReason::InvalidField if refusal.violation("current_password").is_some() => {
            wrong_old_password()
        }
        ErrorReason::InvalidField => Fault::Malformed(format!(
            "cant update data, {}",
            fields(&refusal, "newpassword")
        )),
        _ => Fault::Refused(refusal),
    }
}
