//! Looking at many accounts.

use std::sync::Arc;

use sea_orm::Condition;
use uuid::Uuid;

use super::{filter, page};
use crate::{
    app::{App, Call, Realm},
    audit::{self, Action, Trail},
    error::{Error, Result},
    store::account::{self, Key, Order},
};

/// One page.
#[derive(Debug)]
pub struct Listed {
    /// The accounts of the page.
    pub accounts: Vec<account::Model>,
    /// The token of the next page; empty when this is the last.
    pub next: String,
}

/// What is asked for, as the contract has it.
#[derive(Debug)]
pub struct Query<'a> {
    /// How many, at the most.
    pub page_size: i32,
    /// Where to go on.
    pub page_token: &'a str,
    /// Which.
    pub filter: &'a str,
    /// In which order.
    pub order_by: &'a str,
}

/// Lists accounts of a realm, and notes who has listed them.
///
/// Refusals: `INVALID_FIELD`.
pub async fn list_accounts(
    app: &App,
    call: &Call,
    realm: &Arc<Realm>,
    query: &Query<'_>,
) -> Result<Listed> {
    let filter = filter::parse(query.filter)?;
    let (order, is_reverse) = order(query.order_by)?;
    let size = page::size(query.page_size)?;
    let list = format!("{}\n{}\n{}", realm.name(), query.filter, query.order_by);
    let after: Option<(Key, Uuid)> = page::after(&list, query.page_token)?;
    let wanted = account::Page {
        filter: filter.unwrap_or_else(Condition::all),
        order,
        is_reverse,
        after,
        limit: size + 1,
    };
    let mut accounts = account::Entity::page(&app.lists, realm.name(), wanted).await?;
    let next = match page::cut(&mut accounts, size) {
        Some(end) => page::token(&list, (order.key(end), end.id))?,
        None => String::new(),
    };
    let trail = Trail {
        realm: realm.name().to_owned(),
        detail: Some(format!("{} accounts", accounts.len())),
        ..Trail::default()
    };
    audit::allowed(app, &app.db, call, Action::ListAccounts, &trail).await?;
    Ok(Listed { accounts, next })
}

fn order(text: &str) -> Result<(Order, bool)> {
    let mut words = text.split_ascii_whitespace();
    let order = match words.next().unwrap_or("create_time") {
        "create_time" => Some(Order::Created),
        "update_time" => Some(Order::Updated),
        "username" => Some(Order::Username),
        "email" => Some(Order::Email),
        _ => None,
    };
    let is_reverse = match words.next() {
        None | Some("asc") => Some(false),
        Some("desc") => Some(true),
        Some(_) => None,
    };
    match (order, is_reverse, words.next()) {
        (Some(order), Some(is_reverse), None) => Ok((order, is_reverse)),
        _ => Err(Error::field(
            "order_by",
            "NOT_SUPPORTED",
            "must be create_time, update_time, username or email, and may have desc behind it",
        )),
    }
}
