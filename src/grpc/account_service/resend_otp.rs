//! `ResendOtp`.

use std::sync::Arc;

use super::subject::{self, Named};
use crate::{
    app::{App, Call},
    codes::{self, Resend},
    error::Result,
    grpc::{answers, fields::Fields},
    mails::Purpose,
    proto::{ResendOtpRequest, ResendOtpResponse, resend_otp_request::Subject},
};

pub(super) async fn resend_otp(
    app: Arc<App>,
    _call: Arc<Call>,
    request: ResendOtpRequest,
) -> Result<ResendOtpResponse> {
    let realm = subject::realm(&app, &request.realm).await?;
    let mut fields = Fields::default();
    let named = request.subject.as_ref().map(|subject| match subject {
        Subject::AccountId(id) => Named::AccountId(id),
        Subject::Username(username) => Named::Username(username),
        Subject::Email(email) => Named::Email(email),
    });
    let purpose = subject::purpose(
        &mut fields,
        request.purpose,
        &[Purpose::Activate, Purpose::Login, Purpose::ChangeEmail],
    );
    let subject = subject::of_purpose(&mut fields, &realm, named, purpose);
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
