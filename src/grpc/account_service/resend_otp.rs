//! `ResendOtp`.

use std::sync::Arc;

use super::subject::{self, Named};
use crate::{
    app::{App, Call},
    codes::{self, Resend},
    error::Result,
    grpc::{answers, fields::Fields},
    proto::{ResendOtpRequest, ResendOtpResponse},
};

pub(super) async fn resend_otp(
    app: Arc<App>,
    _call: Arc<Call>,
    request: ResendOtpRequest,
) -> Result<ResendOtpResponse> {
    let realm = subject::realm(&app, &request.realm).await?;
    let mut fields = Fields::default();
    let named = request.subject.as_ref().map(Named::from);
    let (purpose, subject) =
        subject::purpose_and_subject(&mut fields, &realm, request.purpose, named);
    fields.finish()?;
    let (Some(subject), Some(purpose)) = (subject, purpose) else {
        return Err(fields.refusal());
    };
    let input = Resend {
        realm,
        purpose,
        subject,
    };
    let challenge = codes::resend(&app, &input).await?;
    Ok(ResendOtpResponse {
        challenge: Some(answers::challenge(challenge)),
    })
}
