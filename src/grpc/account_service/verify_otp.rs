//! `VerifyOtp`.

use std::sync::Arc;

use crate::{
    accounts::fields::Id,
    app::{App, Call},
    error::Result,
    grpc::{
        answers,
        fields::Fields,
        subject::{self, Named},
    },
    proto::{VerifyOtpRequest, VerifyOtpResponse},
    sessions::{
        self,
        verify_otp::{Input, Verified},
    },
};

pub(super) async fn verify_otp(
    app: Arc<App>,
    call: Arc<Call>,
    request: VerifyOtpRequest,
) -> Result<Verified> {
    let realm = subject::realm(&app, &request.realm).await?;
    let mut fields = Fields::default();
    let named = request.subject.as_ref().map(Named::from);
    let (purpose, subject) =
        subject::purpose_and_subject(&mut fields, &realm, request.purpose, named);
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
    sessions::verify_otp(&app, &call, &input).await
}

pub(super) fn answer(verified: Verified) -> VerifyOtpResponse {
    VerifyOtpResponse {
        account: Some(answers::account(verified.account)),
        tokens: verified.tokens.map(answers::tokens),
    }
}
