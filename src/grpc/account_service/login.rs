//! `Login`.

use std::sync::Arc;

use crate::{
    app::{App, Call},
    error::Result,
    grpc::{answers, fields::Fields, subject},
    proto::{LoginRequest, LoginResponse},
    sessions::{
        self,
        login::{Input, LoggedIn},
    },
};

pub(super) async fn login(
    app: Arc<App>,
    call: Arc<Call>,
    request: LoginRequest,
) -> Result<LoggedIn> {
    let realm = subject::realm(&app, &request.realm).await?;
    let mut fields = Fields::default();
    let (name, typed) = subject::login_name(&mut fields, &realm, request.identifier.as_ref());
    let password = subject::presented(&mut fields, "password", &request.password);
    fields.finish()?;
    let Some(password) = password else {
        return Err(fields.refusal());
    };
    let input = Input {
        realm,
        name,
        typed,
        password,
    };
    sessions::login(&app, &call, input).await
}

pub(super) fn answer(logged_in: LoggedIn) -> LoginResponse {
    match logged_in {
        LoggedIn::Session(account, tokens) => LoginResponse {
            account: Some(answers::account(account)),
            tokens: Some(answers::tokens(tokens)),
            challenge: None,
        },
        LoggedIn::Pending(account, challenge) => LoginResponse {
            account: Some(answers::account_in_login(account)),
            tokens: None,
            challenge: Some(answers::challenge(challenge)),
        },
    }
}
