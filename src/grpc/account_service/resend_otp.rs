//! `ResendOtp`.

use std::sync::Arc;

use crate::{
    accounts::fields::Email,
    app::{App, Call, Realm},
    codes::{self, Challenge, Resend},
    error::Result,
    grpc::{
        answers,
        fields::Fields,
        subject::{self, Named},
    },
    proto::{ResendOtpRequest, ResendOtpResponse},
};

pub(super) async fn resend_otp(
    app: Arc<App>,
    call: Arc<Call>,
    request: ResendOtpRequest,
) -> Result<Challenge> {
    let realm = subject::realm(&app, &request.realm).await?;
    let mut fields = Fields::default();
    let named = request.subject.as_ref().map(Named::from);
    let (purpose, subject) =
        subject::purpose_and_subject(&mut fields, &realm, request.purpose, named);
    let address = address(&mut fields, &realm, &request.address);
    fields.finish()?;
    let (Some(subject), Some(purpose)) = (subject, purpose) else {
        return Err(fields.refusal());
    };
    let input = Resend {
        realm,
        purpose,
        subject,
        address,
    };
    codes::resend(&app, &call, &input).await
}

pub(super) fn answer(challenge: Challenge) -> ResendOtpResponse {
    ResendOtpResponse {
        challenge: Some(answers::challenge(challenge)),
    }
}

/// The canonical address that the code must go to, where the request names it. The answer tells whose address it is, so
/// it is not compared for who may not know.
fn address(fields: &mut Fields, realm: &Realm, text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    let email = fields.take("address", Email::parse(text))?;
    let discloses = realm.rules.disclose_accounts;
    discloses.then(|| email.canonical().to_owned())
}
