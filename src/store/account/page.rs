//! Accounts of a realm, a page at a time, in an order that does not change between two pages.

use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _, ExprTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, Func, SimpleExpr},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Column, Entity, Model};

/// What accounts are ordered by; those that are alike in it, by their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The instant of registration.
    Created,
    /// The instant of the last change.
    Updated,
    /// The canonical user name; none comes first.
    Username,
    /// The canonical address; none comes first.
    Email,
}

/// An account's place in an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Key {
    /// Milliseconds since 1970.
    Instant(i64),
    /// A canonical name.
    Name(String),
}

/// One page.
#[derive(Debug)]
pub struct Page {
    /// Which accounts of the realm.
    pub filter: Condition,
    /// What they are ordered by.
    pub order: Order,
    /// Whether the last come first.
    pub is_reverse: bool,
    /// The last account of the page before.
    pub after: Option<(Key, Uuid)>,
    /// How many, at the most.
    pub limit: u64,
}

impl Order {
    /// The account's place in it.
    pub fn key(self, account: &Model) -> Key {
        let name = |name: &Option<String>| Key::Name(name.clone().unwrap_or_default());
        match self {
            Self::Created => Key::Instant(account.created_at),
            Self::Updated => Key::Instant(account.updated_at),
            Self::Username => name(&account.username_canonical),
            Self::Email => name(&account.email_canonical),
        }
    }

    fn expression(self) -> SimpleExpr {
        // Engines do not agree on where nothing stands in an order.
        let name = |column: Column| {
            let parts = [Expr::col(column), Expr::value("")];
            SimpleExpr::from(Func::coalesce(parts))
        };
        match self {
            Self::Created => Expr::col(Column::CreatedAt),
            Self::Updated => Expr::col(Column::UpdatedAt),
            Self::Username => name(Column::UsernameCanonical),
            Self::Email => name(Column::EmailCanonical),
        }
    }
}

impl Entity {
    /// One page of the realm's accounts.
    pub async fn page(
        db: &impl ConnectionTrait,
        realm: &str,
        page: Page,
    ) -> Result<Vec<Model>, DbErr> {
        let by = page.order.expression();
        let direction = if page.is_reverse {
            sea_orm::Order::Desc
        } else {
            sea_orm::Order::Asc
        };
        let mut query = Self::find()
            .filter(Column::Realm.eq(realm))
            .filter(page.filter);
        if let Some((key, id)) = page.after {
            let key = match key {
                Key::Instant(at) => Expr::value(at),
                Key::Name(name) => Expr::value(name),
            };
            let (further, same) = if page.is_reverse {
                (by.clone().lt(key.clone()), Column::Id.lt(id))
            } else {
                (by.clone().gt(key.clone()), Column::Id.gt(id))
            };
            // The first condition follows from the second, but only by it an index is entered where the page begins.
            let from = if page.is_reverse {
                by.clone().lte(key.clone())
            } else {
                by.clone().gte(key.clone())
            };
            query = query.filter(from).filter(
                Condition::any()
                    .add(further)
                    .add(Condition::all().add(by.clone().eq(key)).add(same)),
            );
        }
        query
            .order_by(by, direction.clone())
            .order_by(Column::Id, direction)
            .limit(page.limit)
            .all(db)
            .await
    }
}
