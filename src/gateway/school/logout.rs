//! `DELETE /auth/logout`

use axum::{Extension, Json, extract::State};
use axum_extra::extract::CookieJar;

use super::{Desk, Failure, Message, cookies};
use crate::{
    gateway::{api::Api, caller::Caller, fault::Fault},
    proto::{ErrorReason, LogoutRequest},
};

/// Ends the session of the cookie, and that of the token in the header; forgets the cookie.
///
/// Who has neither is logged out already.
#[utoipa::path(
    delete,
    path = "/auth/logout",
    security((), ("session" = []), ("token" = [])),
    responses((status = 200, description = "the client is logged out", body = Message))
)]
pub(super) async fn logout(
    State(api): State<Api>,
    Extension(desk): Extension<Desk>,
    caller: Caller,
    jar: CookieJar,
) -> Result<(CookieJar, Json<Message>), Failure> {
    if let Some(token) = cookies::given(&jar) {
        let message = LogoutRequest {
            refresh_token: token.to_owned(),
            ..LogoutRequest::default()
        };
        let request = api.request(&caller, message);
        settled(api.client().logout(request).await)?;
    }
    if let Some(token) = caller.token() {
        let request = api.request_as(&caller, token, LogoutRequest::default());
        settled(api.client().logout(request).await)?;
    }
    Ok((desk.cookies.forget(), Json(Message::of("Berhasil logout!"))))
}

/// A token that is no good is a success: its session is no more. Anything else may have left one open.
fn settled<T>(answer: Result<T, tonic::Status>) -> Result<(), Fault> {
    let Err(fault) = answer.map_err(Fault::from) else {
        return Ok(());
    };
    match &fault {
        Fault::Refused(refusal) => match refusal.reason {
            ErrorReason::TokenMissing
            | ErrorReason::TokenInvalid
            | ErrorReason::TokenExpired
            | ErrorReason::TokenRevoked
            | ErrorReason::AccountSuspended
            | ErrorReason::AccountDeleted
            | ErrorReason::InvalidField => Ok(()),
            _ => Err(fault),
        },
        _ => Err(fault),
    }
}
