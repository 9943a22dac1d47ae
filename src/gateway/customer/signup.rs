//! `POST /customer/signup`
//!
//! With a picture, its kind and its size are looked at before anything is registered. A file that passes and is no
//! picture all the same, or that cannot be stored just now, is told beside what was done: the account waits for its
//! code. To sign up again with the same email is possible then, and replaces it.

use axum::{
    Extension,
    extract::{FromRequest as _, Request, State},
    response::Response,
};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Failure, Lengths, Told, answer,
    failure::refused,
    file::Picture,
    form::{FILE, Form, is_form},
};
use crate::{
    gateway::{api::Api, body::Body, caller::Caller, fault::Fault},
    proto::{ErrorReason, RegisterRequest, upload_profile_picture_request::Header},
};

/// The document's word for a code that is on its way.
pub(super) const SENT: &str = "VerificationEmailSent";

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Signup {
    #[serde(default)]
    #[schema(required, max_length = 64, example = "peter")]
    username: String,
    #[serde(default)]
    #[schema(required, format = Password, min_length = 8, max_length = 128, example = "a long day at sea")]
    password: String,
    #[serde(default)]
    #[schema(required, format = Email, example = "peter@example.com")]
    email: String,
    /// 8 to 15 digits, of Hong Kong where no `+` and country code stand before them.
    #[schema(example = "51234567")]
    phone_num: Option<String>,
}

/// A new account with its picture.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "only its schema is used; the form is read part by part"
)]
pub(super) struct SignupForm {
    #[schema(max_length = 64, example = "peter")]
    username: String,
    #[schema(format = Password, min_length = 8, max_length = 128, example = "a long day at sea")]
    password: String,
    #[schema(format = Email, example = "peter@example.com")]
    email: String,
    /// 8 to 15 digits, of Hong Kong where no `+` and country code stand before them.
    #[schema(example = "51234567")]
    phone_num: Option<String>,
    /// A JPEG or PNG picture of at most 3 MiB.
    #[schema(value_type = Option<String>, format = Binary, content_media_type = "application/octet-stream")]
    profile: Option<Vec<u8>>,
}

/// Registers an account, which cannot sign in until its code comes back by `activate`.
///
/// A form may bring the picture. When its kind or size is wrong, nothing is registered. When it turns out to be damaged
/// only after that, the account is registered without a picture, and the answer is `FileExtensionError` and says so.
#[utoipa::path(
    post,
    path = "/customer/signup",
    request_body(content((Signup = "application/json"), (SignupForm = "multipart/form-data"))),
    responses(
        (status = 200, description = "`VerificationEmailSent`", body = Told),
        (
            status = 400,
            description = "`UserAlreadyExisted`: the username, the email or the phone number is taken; \
                `FileExtensionError`: no picture, one of another kind, or too large; `ValidationError`",
            body = Told
        ),
        (status = 429, description = "`TooManyRequests`: too many codes to this email today", body = Told),
    )
)]
pub(super) async fn signup(
    State(api): State<Api>,
    Extension(lengths): Extension<Lengths>,
    caller: Caller,
    request: Request,
) -> Result<Response, Failure> {
    let (body, picture) = if is_form(request.headers()) {
        of_form(Form::read(request, lengths).await?)?
    } else {
        let Ok(body) = Body::from_request(request, &()).await;
        (body.json()?, None)
    };
    let message = RegisterRequest {
        realm: api.realm(),
        username: body.username,
        email: body.email,
        phone: body.phone_num.unwrap_or_default(),
        password: body.password,
        picture_ticket: picture.is_some(),
        request_id: caller.idempotency_key(),
        ..RegisterRequest::default()
    };
    let request = api.request(&caller, message);
    let ticket = api
        .client()
        .register(request)
        .await?
        .into_inner()
        .picture_ticket;
    if let Some(picture) = picture {
        set(&api, &caller, ticket, &picture).await?;
    }
    Ok(answer(
        StatusCode::OK,
        Told::new(SENT, "A code is on its way to the email."),
    ))
}

fn of_form(mut form: Form) -> Result<(Signup, Option<Picture>), Fault> {
    let picture = form.file.take().map(Picture::parse).transpose()?;
    if !form.take(FILE).is_empty() {
        let text = "profile must be a file";
        return Err(refused(ErrorReason::PictureTypeUnsupported, text));
    }
    let body = Signup {
        username: form.take("username"),
        password: form.take("password"),
        email: form.take("email"),
        phone_num: Some(form.take("phoneNum")),
    };
    Ok((body, picture))
}

/// Gives the account that was just registered its picture.
async fn set(api: &Api, caller: &Caller, ticket: String, picture: &Picture) -> Result<(), Failure> {
    let header = Header {
        ticket,
        request_id: caller.idempotency_key(),
        ..Header::default()
    };
    let upload = api.streaming_as(caller, None, picture.messages(header));
    let done = api.client().upload_profile_picture(upload).await;
    done.map(drop).map_err(|status| {
        let mut failure = Failure::from(status);
        if let Some(refusal) = failure.refusal() {
            refusal.text = format!(
                "The account is registered and its code is on its way, but it has no picture: {}",
                refusal.text
            );
        }
        failure
    })
}
