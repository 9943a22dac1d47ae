//! `PATCH /auth/update`

use axum::{Json, extract::State};
use http::StatusCode;
use prost_types::FieldMask;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Failure, Message, details, register::LENGTH};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller, text::Digits},
    proto::{Account, UpdateRequest},
};

/// What changes. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
pub(super) struct Update {
    #[schema(min_length = 3, max_length = 20, example = "zackdesuuuuu")]
    username: Option<String>,
    #[schema(min_length = 2, example = "Wongso Wijoyo")]
    name: Option<String>,
    #[schema(format = Email, example = "zackdesuuuuu@email.com")]
    email: Option<String>,
    /// The password so far; needed for a new one, and for a new email when the login is long ago.
    #[serde(rename = "oldPassword")]
    #[schema(format = Password, example = "123456")]
    old_password: Option<String>,
    #[serde(rename = "newPassword")]
    #[schema(format = Password, min_length = 6, max_length = 128, example = "654321")]
    new_password: Option<String>,
    /// The code that was sent to the email; needed where it is a new one.
    otp: Option<Digits>,
}

/// That it is done.
#[derive(Serialize, ToSchema)]
pub(super) struct Updated {
    #[schema(example = "Berhasil mengupdate data!")]
    message: &'static str,
    /// A token that works from now on.
    #[serde(rename = "accessToken")]
    access_token: String,
}

/// Changes the account of the token: all that is asked for, or nothing.
#[utoipa::path(
    patch,
    path = "/auth/update",
    request_body = Option<Update>,
    security(("token" = [])),
    responses(
        (status = 200, description = "the changes are made", body = Updated),
        (status = 400, description = "a field cannot be taken, the old password is wrong, or the code does not work", body = Message),
        (status = 401, description = "the token is missing, or does not work any more", body = Message),
        (status = 403, description = "the email would be emptied, the code is too old, or the login is too long ago", body = Message),
        (status = 404, description = "no code was sent to the email", body = Message),
        (status = 409, description = "the user name or the email is taken", body = Message),
        (status = 429, description = "the code was guessed wrongly too often, or there are too many requests", body = Message),
    )
)]
pub(super) async fn update(
    State(api): State<Api>,
    caller: Caller,
    body: Body,
) -> Result<Json<Updated>, Failure> {
    let account = details::account(&api, &caller).await?;
    let message = message(body.json()?, &account, &caller)?;
    let token = caller.token().unwrap_or_default();
    let paths = message.update_mask.as_ref().map(|mask| mask.paths.len());
    let fresh = if paths == Some(0) && message.current_password.is_empty() {
        None
    } else {
        let request = api.request_as(&caller, token, message);
        api.client().update(request).await?.into_inner().tokens
    };
    // A token says nothing of what has changed, so the caller's own serves where there is no fresher one.
    let access_token = fresh.map_or_else(|| token.to_owned(), |tokens| tokens.access_token);
    Ok(Json(Updated {
        message: "Berhasil mengupdate data!",
        access_token,
    }))
}

fn message(body: Update, account: &Account, caller: &Caller) -> Result<UpdateRequest, Failure> {
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let old_password = filled(body.old_password);
    let new_password = filled(body.new_password);
    if new_password.is_some() && old_password.is_none() {
        return Err(Failure::new(
            StatusCode::BAD_REQUEST,
            "Old password is wrong!",
        ));
    }
    if body.email.as_deref() == Some("") && !account.email.is_empty() {
        return Err(Failure::new(
            StatusCode::FORBIDDEN,
            "Email yang terdaftar tidak boleh dikosongkan!",
        ));
    }
    let email = filled(body.email);
    let named = [
        ("username", body.username.is_some()),
        ("full_name", body.name.is_some()),
        ("email", email.is_some()),
        ("password", new_password.is_some()),
    ];
    let named = named.into_iter().filter(|(_, is_named)| *is_named);
    let username = body.username.unwrap_or_default();
    Ok(UpdateRequest {
        update_mask: Some(FieldMask {
            paths: named.map(|(path, _)| path.to_owned()).collect(),
        }),
        username: username.trim().to_owned(),
        full_name: body.name.unwrap_or_default(),
        email: email.unwrap_or_default(),
        password: new_password.unwrap_or_default(),
        current_password: old_password.unwrap_or_default(),
        code: body.otp.map(|otp| otp.padded(LENGTH)).unwrap_or_default(),
        request_id: caller.idempotency_key(),
        ..UpdateRequest::default()
    })
}
