//! `RequestOtp`.

use std::sync::Arc;

use super::subject;
use crate::{
    accounts::{self, fields::Email, request_otp::Input},
    app::{App, Call},
    error::Result,
    grpc::{answers, fields::Fields},
    mails::Purpose,
    proto::{RequestOtpRequest, RequestOtpResponse},
};

pub(super) async fn request_otp(
    app: Arc<App>,
    _call: Arc<Call>,
    request: RequestOtpRequest,
) -> Result<RequestOtpResponse> {
    let realm = subject::realm(&app, &request.realm).await?;
    let mut fields = Fields::default();
    let email = fields.required("email", &request.email, Email::parse);
    let purpose = subject::purpose(
        &mut fields,
        request.purpose,
        &[Purpose::ProveAddress, Purpose::ResetPassword],
    );
    let locale = subject::locale(&mut fields, &realm, &request.locale);
    fields.finish()?;
    let (Some(email), Some(purpose)) = (email, purpose) else {
        return Err(fields.refusal());
    };
    let input = Input {
        realm,
        email,
        purpose,
        locale,
    };
    let challenge = accounts::request_otp(&app, &input).await?;
    Ok(RequestOtpResponse {
        challenge: Some(answers::challenge(challenge)),
    })
}
