//! `DeleteProfilePicture`.

use std::sync::Arc;

use crate::{
    accounts,
    app::{App, Call},
    error::Result,
    grpc::{answers, fields::Fields},
    proto::{DeleteProfilePictureRequest, DeleteProfilePictureResponse},
    sessions,
    store::account,
};

pub(super) async fn delete_profile_picture(
    app: Arc<App>,
    call: Arc<Call>,
    request: DeleteProfilePictureRequest,
) -> Result<account::Model> {
    let principal = sessions::authenticate(&app, &call).await?;
    let mut fields = Fields::default();
    let etag = fields.plain("etag", &request.etag);
    fields.finish()?;
    let etag = (!etag.is_empty()).then_some(etag);
    accounts::delete_picture(&app, &call, &principal, etag).await
}

pub(super) fn answer(account: account::Model) -> DeleteProfilePictureResponse {
    DeleteProfilePictureResponse {
        account: Some(answers::account(account)),
    }
}
