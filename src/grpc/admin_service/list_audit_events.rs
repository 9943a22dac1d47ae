//! `ListAuditEvents`.

use std::sync::Arc;

use super::answers;
use crate::{
    accounts::fields::Id,
    admin,
    app::{App, Call, Realm},
    error::Result,
    grpc::fields::Fields,
    proto::{ListAuditEventsRequest, ListAuditEventsResponse},
    store::audit_event::Wanted,
};

pub(super) async fn list_audit_events(
    app: Arc<App>,
    call: Arc<Call>,
    realm: Arc<Realm>,
    request: ListAuditEventsRequest,
) -> Result<ListAuditEventsResponse> {
    let mut fields = Fields::default();
    let mut text = |field: &str, text: &str| {
        let text = fields.plain(field, text);
        (!text.is_empty()).then(|| text.to_owned())
    };
    let operator = text("operator", &request.operator);
    let action = text("action", &request.action);
    let outcome = text("outcome", &request.outcome);
    let account_id = if request.account_id.is_empty() {
        None
    } else {
        fields
            .take("account_id", Id::parse(&request.account_id))
            .map(Id::uuid)
    };
    fields.finish()?;
    let wanted = Wanted {
        account_id,
        operator,
        action,
        outcome,
        from: request.start_time.map(millis),
        until: request.end_time.map(millis),
    };
    let (size, token) = (request.page_size, &request.page_token);
    let listed = admin::list_audit_events(&app, &call, &realm, &wanted, size, token).await?;
    Ok(ListAuditEventsResponse {
        events: listed.events.into_iter().map(answers::event).collect(),
        next_page_token: listed.next,
    })
}

pub(super) fn millis(at: prost_types::Timestamp) -> i64 {
    at.seconds
        .saturating_mul(1000)
        .saturating_add(i64::from(at.nanos / 1_000_000))
}
