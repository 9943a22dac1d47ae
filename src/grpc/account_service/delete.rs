//! `Delete`.

use std::sync::Arc;

use crate::{
    accounts::{self, delete::Input},
    app::{App, Call},
    error::{Error, Result},
    grpc::{fields::Fields, subject},
    proto::{DeleteRequest, DeleteResponse},
    sessions,
};

pub(super) async fn delete(app: Arc<App>, call: Arc<Call>, request: DeleteRequest) -> Result<()> {
    // Who calls comes before what is asked, so that a stranger learns nothing from the answer (AIP-211).
    let principal = sessions::authenticate(&app, &call).await?;
    if request.current_password.is_empty() {
        return Err(Error::CurrentPasswordIncorrect);
    }
    let mut fields = Fields::default();
    let password = subject::presented(&mut fields, "current_password", &request.current_password);
    let etag = fields.plain("etag", &request.etag);
    fields.finish()?;
    let Some(current_password) = password else {
        return Err(fields.refusal());
    };
    let input = Input {
        current_password,
        etag: (!etag.is_empty()).then(|| etag.to_owned()),
    };
    accounts::delete(&app, &call, &principal, &input).await
}

pub(super) const fn answer((): ()) -> DeleteResponse {
    DeleteResponse {}
}
