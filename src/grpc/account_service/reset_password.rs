//! `ResetPassword`.

use std::sync::Arc;

use crate::{
    accounts::{
        self,
        fields::{Email, Password},
        reset_password::Input,
    },
    app::{App, Call},
    error::Result,
    grpc::{fields::Fields, person, subject},
    proto::{ResetPasswordRequest, ResetPasswordResponse},
};

pub(super) async fn reset_password(
    app: Arc<App>,
    call: Arc<Call>,
    request: ResetPasswordRequest,
) -> Result<()> {
    let realm = subject::realm(&app, &request.realm).await?;
    let mut fields = Fields::default();
    let email = fields.required("email", &request.email, Email::parse);
    let digits = subject::code(&mut fields, &realm, &request.code);
    let context = person::context(&realm, None, email.as_ref());
    let context: Vec<&str> = context.iter().map(String::as_str).collect();
    let new_password = fields.required("new_password", &request.new_password, |text| {
        Password::parse(text, &subject::password_rule(&realm), &context)
    });
    fields.finish()?;
    let (Some(email), Some(digits), Some(new_password)) = (email, digits, new_password) else {
        return Err(fields.refusal());
    };
    let input = Input {
        realm,
        email,
        digits,
        new_password,
    };
    accounts::reset_password(&app, &call, &input).await
}

pub(super) const fn answer((): ()) -> ResetPasswordResponse {
    ResetPasswordResponse {}
}
