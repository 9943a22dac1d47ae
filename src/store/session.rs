//! The table of sessions: a row lives as long as its session does.

mod open;
mod rotate;

use sea_orm::{
    ActiveModelBehavior, ColumnTrait, ConnectionTrait, DbErr, DeriveEntityModel, DerivePrimaryKey,
    DeriveRelation, EntityTrait, EnumIter, ExprTrait as _, PrimaryKeyTrait, QueryFilter,
    QueryOrder, QueryResult, QuerySelect, Statement, sea_query::Expr,
};
use uuid::Uuid;

pub use rotate::{Refreshable, Rotation};

use super::account;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// The session's name (UUIDv7).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub account_id: Uuid,
    /// The login, in milliseconds since 1970.
    pub created_at: i64,
    /// The last refresh, in milliseconds since 1970.
    pub refreshed_at: i64,
    /// When it ends unless it is refreshed before, in milliseconds since 1970.
    pub idle_expires_at: i64,
    /// When it ends at the latest, in milliseconds since 1970.
    pub expires_at: i64,
    /// Which refresh token is live: it counts the refreshes.
    pub generation: i64,
    /// The highest generation of which a token has been used.
    pub seen_generation: i64,
    /// What the session's refresh tokens are derived from, beside a key that is not in the database.
    pub nonce: Vec<u8>,
    /// The id of that key.
    pub secret_id: String,
    /// Where the login came from.
    pub peer_address: String,
    /// What the client called itself.
    pub user_agent: String,
}

/// The live sessions of an account, in two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many there are.
    pub count: u64,
    /// The last login or refresh of theirs, in milliseconds since 1970.
    pub refreshed_at: Option<i64>,
}

/// None: an account is found with its session by [`Entity::find_with_account`].
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The columns of a table named `s`, in the order of the fields of [`Model`].
macro_rules! columns {
    () => {
        "s.id, s.account_id, s.created_at, s.refreshed_at, s.idle_expires_at, s.expires_at, s.generation, \
         s.seen_generation, s.nonce, s.secret_id, s.peer_address, s.user_agent"
    };
}
use columns;

/// How many columns these are.
const COLUMNS: usize = 12;

const FIND_WITH_ACCOUNT: &str = concat!(
    "SELECT ",
    columns!(),
    ", ",
    account::row::columns!(),
    " FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.id = $1"
);

fn read(row: &QueryResult) -> Result<Model, DbErr> {
    Ok(Model {
        id: row.try_get_by_index(0)?,
        account_id: row.try_get_by_index(1)?,
        created_at: row.try_get_by_index(2)?,
        refreshed_at: row.try_get_by_index(3)?,
        idle_expires_at: row.try_get_by_index(4)?,
        expires_at: row.try_get_by_index(5)?,
        generation: row.try_get_by_index(6)?,
        seen_generation: row.try_get_by_index(7)?,
        nonce: row.try_get_by_index(8)?,
        secret_id: row.try_get_by_index(9)?,
        peer_address: row.try_get_by_index(10)?,
        user_agent: row.try_get_by_index(11)?,
    })
}

impl Entity {
    /// The session and its account, in one statement.
    pub async fn find_with_account(
        db: &impl ConnectionTrait,
        id: Uuid,
    ) -> Result<Option<(Model, account::Model)>, DbErr> {
        let backend = db.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, FIND_WITH_ACCOUNT, [id.into()]);
        let row = db.query_one_raw(statement).await?;
        row.map(|row| Ok((read(&row)?, account::row::read(&row, COLUMNS)?)))
            .transpose()
    }

    /// Whether the session has not ended at `now`; it cannot end before the transaction does.
    pub async fn is_live(db: &impl ConnectionTrait, id: Uuid, now: i64) -> Result<bool, DbErr> {
        let one: Option<Uuid> = Self::find_by_id(id)
            .select_only()
            .column(Column::Id)
            .filter(Column::IdleExpiresAt.gt(now))
            .lock_shared()
            .into_tuple()
            .one(db)
            .await?;
        Ok(one.is_some())
    }

    /// Notes that a token of `generation` has been used.
    pub async fn note_seen(
        db: &impl ConnectionTrait,
        id: Uuid,
        generation: i64,
    ) -> Result<(), DbErr> {
        Self::update_many()
            .col_expr(Column::SeenGeneration, Expr::value(generation))
            .filter(Column::Id.eq(id))
            .filter(Column::SeenGeneration.lt(generation))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Live sessions of an account, newest first, from below `before` on.
    pub async fn list(
        db: &impl ConnectionTrait,
        account_id: Uuid,
        now: i64,
        before: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<Model>, DbErr> {
        let mut query = Self::find()
            .filter(Column::AccountId.eq(account_id))
            .filter(Column::IdleExpiresAt.gt(now));
        if let Some(before) = before {
            query = query.filter(Column::Id.lt(before));
        }
        query.order_by_desc(Column::Id).limit(limit).all(db).await
    }

    /// The live sessions of an account, in two numbers.
    pub async fn summary(
        db: &impl ConnectionTrait,
        account_id: Uuid,
        now: i64,
    ) -> Result<Summary, DbErr> {
        let found: Option<(i64, Option<i64>)> = Self::find()
            .select_only()
            .expr(Expr::col(Column::Id).count())
            .expr(Expr::col(Column::RefreshedAt).max())
            .filter(Column::AccountId.eq(account_id))
            .filter(Column::IdleExpiresAt.gt(now))
            .into_tuple()
            .one(db)
            .await?;
        let (count, refreshed_at) = found.unwrap_or_default();
        Ok(Summary {
            count: count.unsigned_abs(),
            refreshed_at,
        })
    }

    /// The ids of all sessions of an account, newest first.
    pub async fn ids_of(db: &impl ConnectionTrait, account_id: Uuid) -> Result<Vec<Uuid>, DbErr> {
        Self::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::AccountId.eq(account_id))
            .order_by_desc(Column::Id)
            .into_tuple()
            .all(db)
            .await
    }

    /// Ends the sessions of `account_id` that `ids` names. Returns how many there were.
    pub async fn end(
        db: &impl ConnectionTrait,
        account_id: Uuid,
        ids: &[Uuid],
    ) -> Result<u64, DbErr> {
        let gone = Self::delete_many()
            .filter(Column::AccountId.eq(account_id))
            .filter(Column::Id.is_in(ids.iter().copied()))
            .exec(db)
            .await?;
        Ok(gone.rows_affected)
    }

    /// Whether a session of the account was opened from `peer_address`.
    pub async fn knows_address(
        db: &impl ConnectionTrait,
        account_id: Uuid,
        peer_address: &str,
    ) -> Result<bool, DbErr> {
        let one: Option<Uuid> = Self::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::AccountId.eq(account_id))
            .filter(Column::PeerAddress.eq(peer_address))
            .into_tuple()
            .one(db)
            .await?;
        Ok(one.is_some())
    }

    /// How many sessions live by each root secret.
    pub async fn count_by_secret(db: &impl ConnectionTrait) -> Result<Vec<(String, u64)>, DbErr> {
        let counts: Vec<(String, i64)> = Self::find()
            .select_only()
            .column(Column::SecretId)
            .column_as(Column::Id.count(), "sessions")
            .group_by(Column::SecretId)
            .into_tuple()
            .all(db)
            .await?;
        let counts = counts.into_iter();
        Ok(counts
            .map(|(secret, sessions)| (secret, sessions.unsigned_abs()))
            .collect())
    }

    /// Removes sessions that ended of themselves before `now`, at most `limit` at a time.
    pub async fn sweep(db: &impl ConnectionTrait, now: i64, limit: u64) -> Result<u64, DbErr> {
        let stale: Vec<Uuid> = Self::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::IdleExpiresAt.lt(now))
            .limit(limit)
            .into_tuple()
            .all(db)
            .await?;
        let gone = Self::delete_many()
            .filter(Column::Id.is_in(stale))
            // A refresh may have prolonged one meanwhile.
            .filter(Column::IdleExpiresAt.lt(now))
            .exec(db)
            .await?;
        Ok(gone.rows_affected)
    }
}
