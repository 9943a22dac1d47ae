//! `PATCH /api/users/current`

use axum::{Json, extract::State};
use prost_types::FieldMask;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Data,
    current::account,
    failure::{Errors, Failure},
};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller, fault::Fault},
    proto::UpdateRequest,
};

/// What changes; what is not there stays.
#[derive(Deserialize, ToSchema)]
pub(super) struct Update {
    /// Spelt as the document does; `name` is taken too.
    #[serde(rename = "nama", alias = "name")]
    #[schema(min_length = 3, max_length = 50, example = "Uzumaki Naruto")]
    name: Option<String>,
    #[schema(format = Password, min_length = 8, max_length = 128, example = "naruto123")]
    password: Option<String>,
}

/// The token to go on with.
#[derive(Serialize, ToSchema)]
pub(super) struct Token {
    token: String,
}

/// Changes the name, the password or both. A new password needs a login of the last hour and ends every other session.
///
/// With a new password the token is a fresh one; else nothing was proved that could prolong the session, and it is the
/// one that came.
#[utoipa::path(
    patch,
    path = "/api/users/current",
    security(("token" = [])),
    request_body = Option<Update>,
    responses(
        (status = 200, description = "the token to go on with", body = Data<Token>),
        (status = 400, description = "a field cannot be taken", body = Errors),
        (status = 401, description = "the token does not work, or its login is too old for a new password", body = Errors),
    )
)]
pub(super) async fn update(
    State(api): State<Api>,
    caller: Caller,
    body: Body,
) -> Result<Json<Data<Token>>, Failure> {
    let body: Update = body.json()?;
    let named = [
        ("full_name", body.name.is_some()),
        ("password", body.password.is_some()),
    ];
    let named = named.into_iter().filter(|(_, is_given)| *is_given);
    let paths: Vec<String> = named.map(|(path, _)| path.to_owned()).collect();
    let token = caller.token().unwrap_or_default();
    if paths.is_empty() {
        account(&api, &caller).await?;
        return Ok(answer(token));
    }
    let message = UpdateRequest {
        update_mask: Some(FieldMask { paths }),
        full_name: body.name.unwrap_or_default(),
        password: body.password.unwrap_or_default(),
        request_id: caller.idempotency_key(),
        ..UpdateRequest::default()
    };
    let request = api.request_as(&caller, token, message);
    let updated = api.client().update(request).await.map_err(nama)?;
    Ok(match updated.into_inner().tokens {
        Some(fresh) => answer(&fresh.access_token),
        None => answer(token),
    })
}

fn answer(token: &str) -> Json<Data<Token>> {
    let token = token.to_owned();
    let data = Token { token };
    Json(Data { data })
}

/// The document has another word for the name here than elsewhere.
fn nama(status: tonic::Status) -> Fault {
    let mut fault = Fault::from(status);
    if let Fault::Refused(refusal) = &mut fault {
        let names = refusal.violations.iter_mut();
        for one in names.filter(|one| one.field == "full_name") {
            one.field = String::from("nama");
        }
    }
    fault
}
