//! `VerifyOtp`.

use std::sync::Arc;

use super::subject::{self, Named};
use crate::{
    accounts::fields::Id,
    app::{App, Call},
    error::Result,
    grpc::{answers, fields::Fields},
    mails::Purpose,
    proto::{VerifyOtpRequest, VerifyOtpResponse, verify_otp_request::Subject},
    sessions::{self, verify_otp::Input},
};

pub(super) async fn verify_otp(
    app: Arc<App>,
    call: Arc<Call>,
    request: VerifyOtpRequest,
) -> Result<VerifyOtpResponse> {
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
    let digits = subject::code(&mut fields, &realm, &request.code);
    let challenge_id = if request.challenge_id.is_empty() {
        None
    } else {
        fields
            .take("challenge_id", Id::parse(&request.challenge_id))
            .map(Id::uuid)
    };
    fields.finish()?;
    let (Some(subject), Some(purpose), Some(digits)) = (subject, purpose, digits) else {
        return Err(fields.refusal());
    };
    let input = Input {
        realm,
        purpose,
        subject,
        digits,
        challenge_id,
    };
    let verified = sessions::verify_otp(&app, &call, &input).await?;
    Ok(VerifyOtpResponse {
        account: Some(answers::account(verified.account)),
        tokens: verified.tokens.map(answers::tokens),
    })
}
