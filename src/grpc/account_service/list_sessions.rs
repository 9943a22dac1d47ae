//! `ListSessions`.

use std::sync::Arc;

use crate::{
    accounts::fields::Id,
    app::{App, Call},
    error::{Error, Result},
    grpc::{answers, fields::Fields},
    proto::{ListSessionsRequest, ListSessionsResponse},
    sessions,
};

pub(super) async fn list_sessions(
    app: Arc<App>,
    call: Arc<Call>,
    request: ListSessionsRequest,
) -> Result<ListSessionsResponse> {
    let principal = sessions::recognise(&app, &call).await?;
    let size = u64::try_from(request.page_size)
        .map_err(|_| Error::field("page_size", "OUT_OF_RANGE", "is negative"))?;
    let mut fields = Fields::default();
    let before = if request.page_token.is_empty() {
        None
    } else {
        fields
            .take("page_token", Id::parse(&request.page_token))
            .map(Id::uuid)
    };
    fields.finish()?;
    let page = sessions::list(&app, &principal, size, before).await?;
    let current = principal.session.id;
    Ok(ListSessionsResponse {
        sessions: page
            .sessions
            .iter()
            .map(|row| answers::session(row, current))
            .collect(),
        next_page_token: page.next.map(|id| id.to_string()).unwrap_or_default(),
    })
}
