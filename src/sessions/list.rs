//! Listing the live sessions of an account.

use uuid::Uuid;

use crate::{
    accounts::Principal,
    app::App,
    error::Result,
    store::session::{self, Model},
};

/// Sessions on a page where the caller does not say.
const PAGE: u64 = 20;
/// Sessions on a page at the most.
const PAGE_MOST: u64 = 100;

/// One page.
#[derive(Debug)]
pub struct Page {
    /// Live sessions, newest first.
    pub sessions: Vec<Model>,
    /// Where the next page starts, if there is one.
    pub next: Option<Uuid>,
}

/// Lists live sessions of the caller's account, newest first, from below `before` on.
///
/// `size` 0 means 20; more than 100 is taken as 100 (AIP-158).
pub async fn list(
    app: &App,
    principal: &Principal,
    size: u64,
    before: Option<Uuid>,
) -> Result<Page> {
    let size = match size {
        0 => PAGE,
        size => size.min(PAGE_MOST),
    };
    let now = app.clock.now().millis();
    let account_id = principal.account.id;
    let mut sessions = session::Entity::list(&app.db, account_id, now, before, size + 1).await?;
    let next = if sessions.len() as u64 > size {
        sessions.pop();
        sessions.last().map(|last| last.id)
    } else {
        None
    };
    Ok(Page { sessions, next })
}
