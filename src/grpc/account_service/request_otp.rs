//! `RequestOtp`.

use std::sync::Arc;

use crate::{
    accounts::{self, fields::Email, request_otp::Input},
    app::{App, Call},
    codes::Challenge,
    error::Result,
    grpc::{answers, fields::Fields, subject},
    mails::Purpose,
    proto::{RequestOtpRequest, RequestOtpResponse},
};

pub(super) async fn request_otp(
    app: Arc<App>,
    call: Arc<Call>,
    request: RequestOtpRequest,
) -> Result<Challenge> {
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
    accounts::request_otp(&app, &call, &input).await
}

pub(super) fn answer(challenge: Challenge) -> RequestOtpResponse {
    RequestOtpResponse {
        challenge: Some(answers::challenge(challenge)),
    }
}
