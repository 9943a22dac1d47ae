//! `POST /customer/getProfilePic`

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse as _, Response},
};
use futures_util::{TryStreamExt as _, future};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{Failure, failure};
use crate::{
    gateway::{api::Api, caller::Caller, fault::Fault},
    proto::{
        DownloadProfilePictureRequest, ErrorReason,
        download_profile_picture_response::{Header, Part},
    },
};

/// Reads the picture of the account of the token: its bytes, or none where there is no picture.
///
/// With `If-None-Match`, a picture that the client has already is not sent again.
#[utoipa::path(
    post,
    path = "/customer/getProfilePic",
    security(("token" = [])),
    params(("If-None-Match" = Option<String>, Header, description = "the `ETag` of a picture that is there already")),
    responses(
        (
            status = 200,
            description = "the picture, or an empty body without a type where there is none",
            content((Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg")),
            headers(("ETag" = String, description = "names this picture"))
        ),
        (status = 304, description = "the picture is still the one that the client has"),
        (
            status = 401,
            description = "`VerifyError`, `InactiveUserRequest`, `JsonWebTokenError`, `TokenExpiredError`, or `{}` without \
                a token",
            body = Object
        ),
    )
)]
pub(super) async fn get_profile_pic(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Response, Failure> {
    let token = failure::token(&caller)?;
    let tags = caller.header(&header::IF_NONE_MATCH).unwrap_or_default();
    let message = DownloadProfilePictureRequest {
        if_none_match: only_tag(tags).unwrap_or_default(),
        ..DownloadProfilePictureRequest::default()
    };
    let request = api.streaming_as(&caller, Some(token), message);
    let answered = api.client().download_profile_picture(request).await;
    let mut parts = match answered.map_err(Failure::with_token(token)) {
        Ok(answered) => answered.into_inner(),
        Err(failure) if failure.reason() == Some(ErrorReason::PictureNotFound) => {
            return Ok(StatusCode::OK.into_response());
        }
        Err(failure) => return Err(failure),
    };
    let first = parts.message().await.map_err(Failure::with_token(token))?;
    let Some(Part::Header(header)) = first.and_then(|message| message.part) else {
        return Err(Fault::Internal.into());
    };
    let headers = headers(&header).ok_or(Fault::Internal)?;
    if header.not_modified || names(tags, &header.etag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    // Without a length: a stream that ends with an error must not look whole, however far it came.
    let chunks = parts.try_filter_map(|message| {
        future::ok(match message.part {
            Some(Part::Chunk(chunk)) => Some(chunk),
            Some(Part::Header(_)) | None => None,
        })
    });
    Ok((headers, Body::from_stream(chunks)).into_response())
}

/// What the picture is, as it is stored; nothing of it is the client's to say.
fn headers(header: &Header) -> Option<HeaderMap> {
    let (media_type, file) = match header.content_type.as_str() {
        "image/png" => ("image/png", "attachment; filename=\"profile.png\""),
        "image/jpeg" => ("image/jpeg", "attachment; filename=\"profile.jpg\""),
        _ => return None,
    };
    let mut headers = HeaderMap::new();
    let fixed = HeaderValue::from_static;
    headers.insert(header::CONTENT_TYPE, fixed(media_type));
    headers.insert(header::CONTENT_DISPOSITION, fixed(file));
    headers.insert(header::CACHE_CONTROL, fixed("private, no-cache"));
    let etag = HeaderValue::try_from(format!("\"{}\"", header.etag)).ok()?;
    headers.insert(header::ETAG, etag);
    Some(headers)
}

/// The tag of an `If-None-Match` that has one.
fn only_tag(tags: &str) -> Option<String> {
    let tag = bare(tags)?;
    let is_plain = tag.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_plain.then(|| tag.to_owned())
}

/// Whether an `If-None-Match` names a picture (RFC 9110, 13.1.2).
fn names(tags: &str, etag: &str) -> bool {
    tags.trim() == "*" || tags.split(',').any(|tag| bare(tag) == Some(etag))
}

/// What stands between the quotes of a tag.
fn bare(tag: &str) -> Option<&str> {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    tag.strip_prefix('"')?.strip_suffix('"')
}
