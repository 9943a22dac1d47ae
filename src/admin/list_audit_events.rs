//! Looking at what was decided.

use std::sync::Arc;

use uuid::Uuid;

use super::page;
use crate::{
    app::{App, Call, Realm},
    audit::{self, Action, Trail},
    error::Result,
    store::audit_event::{self, Wanted},
};

/// One page.
#[derive(Debug)]
pub struct Events {
    /// The events of the page, newest first.
    pub events: Vec<audit_event::Model>,
    /// The token of the next page; empty when this is the last.
    pub next: String,
}

/// Lists events of a realm, newest first, and notes who has listed them.
///
/// Refusals: `INVALID_FIELD`.
pub async fn list_audit_events(
    app: &App,
    call: &Call,
    realm: &Arc<Realm>,
    wanted: &Wanted,
    page_size: i32,
    page_token: &str,
) -> Result<Events> {
    let size = page::size(page_size)?;
    let list = format!("{}\n{wanted:?}", realm.name());
    let before: Option<Uuid> = page::after(&list, page_token)?;
    let mut events =
        audit_event::Entity::page(&app.lists, realm.name(), wanted, before, size + 1).await?;
    let next = match page::cut(&mut events, size) {
        Some(end) => page::token(&list, end.id)?,
        None => String::new(),
    };
    let trail = Trail {
        realm: realm.name().to_owned(),
        account_id: wanted.account_id,
        ..Trail::default()
    };
    audit::allowed(app, &app.db, call, Action::ListAuditEvents, &trail).await?;
    Ok(Events { events, next })
}
