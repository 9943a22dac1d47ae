//! Taking all accounts of a realm out, a page at a time.

use std::sync::Arc;

use sea_orm::{ColumnTrait as _, Condition};
use uuid::Uuid;

use super::filter;
use crate::{
    app::{App, Call, Realm},
    audit::{self, Action, Trail},
    error::Result,
    store::account::{self, Column, Key, Order, Page, State},
};

/// Accounts of a page: more would only be held longer.
const PAGE: u64 = 500;

/// An export under way.
#[derive(Debug)]
pub struct Export {
    app: Arc<App>,
    realm: Arc<Realm>,
    filter: Condition,
    after: Option<(Key, Uuid)>,
    is_over: bool,
}

/// Begins to export the accounts that `filter` asks for, and notes who does. Registrations that wait for their codes are left
/// out.
///
/// Refusals: `INVALID_FIELD`.
pub async fn export_accounts(
    app: Arc<App>,
    call: &Call,
    realm: Arc<Realm>,
    filter: &str,
    with_hashes: bool,
) -> Result<Export> {
    let wanted = filter::parse(filter)?.unwrap_or_else(Condition::all);
    let trail = Trail {
        realm: realm.name().to_owned(),
        detail: with_hashes.then(|| String::from("with password hashes")),
        ..Trail::default()
    };
    audit::allowed(&app, &app.db, call, Action::ExportAccounts, &trail).await?;
    Ok(Export {
        app,
        realm,
        filter: wanted.add(Column::State.ne(State::Pending)),
        after: None,
        is_over: false,
    })
}

impl Export {
    /// The next accounts, oldest first; none when it is over.
    pub async fn next(&mut self) -> Result<Vec<account::Model>> {
        if self.is_over {
            return Ok(Vec::new());
        }
        let page = Page {
            filter: self.filter.clone(),
            order: Order::Created,
            is_reverse: false,
            after: self.after.take(),
            limit: PAGE,
        };
        let accounts = account::Entity::page(&self.app.lists, self.realm.name(), page).await?;
        self.is_over = (accounts.len() as u64) < PAGE;
        self.after = accounts
            .last()
            .map(|last| (Order::Created.key(last), last.id));
        Ok(accounts)
    }
}
