//! `POST /customer/setProfilePic`

use axum::{
    Extension,
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;
use utoipa::ToSchema;

use super::{
    Failure, Lengths, Told, answer, failure,
    file::{FileInfo, Picture},
    form::{Form, is_form},
};
use crate::{
    gateway::{api::Api, caller::Caller, fault::Fault},
    proto::{ErrorReason, upload_profile_picture_request::Header},
};

/// A form with a picture.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "only its schema is used; the form is read part by part"
)]
pub(super) struct SetProfilePic {
    /// A JPEG or PNG picture of at most 3 MiB.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    profile: Vec<u8>,
}

/// Sets the picture of the account of the token.
#[utoipa::path(
    post,
    path = "/customer/setProfilePic",
    security(("token" = [])),
    request_body(content = SetProfilePic, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "what was taken", body = FileInfo),
        (
            status = 400,
            description = "`FileExtensionError`: no file, more than one, no picture, one of another kind, or too large",
            body = Told
        ),
        (
            status = 401,
            description = "`VerifyError`, `InactiveUserRequest`, `JsonWebTokenError`, `TokenExpiredError`, or `{}` without \
                a token",
            body = Object
        ),
        (status = 429, description = "`TooManyRequests`: too many pictures", body = Told),
    )
)]
pub(super) async fn set_profile_pic(
    State(api): State<Api>,
    Extension(lengths): Extension<Lengths>,
    caller: Caller,
    request: Request,
) -> Result<Response, Failure> {
    let token = failure::token(&caller)?;
    // Nothing is received of a stranger.
    let known = api.account(&caller, token).await;
    known.map_err(Failure::with_token(token))?;
    let picture = picture(request, lengths).await?;
    let header = Header {
        request_id: caller.idempotency_key(),
        ..Header::default()
    };
    let upload = api.streaming_as(&caller, Some(token), picture.messages(header));
    let done = api.client().upload_profile_picture(upload).await;
    done.map_err(Failure::with_token(token))?;
    Ok(answer(StatusCode::OK, picture.info()))
}

/// The picture of the form. Whatever is wrong with the form, the document has one word for it.
async fn picture(request: Request, lengths: Lengths) -> Result<Picture, Fault> {
    let wrong = |text: &str| failure::refused(ErrorReason::PictureTypeUnsupported, text);
    if !is_form(request.headers()) {
        return Err(wrong(
            "the body must be multipart/form-data with a file named profile",
        ));
    }
    let form = Form::read(request, lengths).await;
    let form = form.map_err(|fault| match fault {
        Fault::Malformed(text) => wrong(&text),
        Fault::TooLarge => wrong("the form is too large"),
        other => other,
    })?;
    let file = form
        .file
        .ok_or_else(|| wrong("the form has no file named profile"))?;
    Picture::parse(file)
}
