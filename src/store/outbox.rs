//! Mail waiting to be sent: written in the transaction of what it tells of, taken out by whoever sends it.

use std::time::Duration;

use sea_orm::{
    ActiveValue::Set,
    ExprTrait as _, QueryOrder as _, QuerySelect as _, QueryTrait as _,
    entity::prelude::*,
    sea_query::{Expr, LockBehavior, LockType},
};

/// One letter to one address. Times are milliseconds since 1970-01-01 UTC.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    /// Ordered by time (`UUIDv7`); the letter's Message-ID.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The realm in whose name it is sent.
    pub realm: String,
    /// The address.
    pub recipient: String,
    /// The language of its words.
    pub locale: String,
    /// What it says, as JSON; never a code, a password or a token.
    #[sea_orm(column_type = "Text")]
    pub mail: String,
    /// When it was written.
    pub created_at: i64,
    /// When it is to be sent, or tried again.
    pub due_at: i64,
    /// When it is of no more use.
    pub not_after: Option<i64>,
    /// How often it was taken out to be sent.
    pub attempts: i32,
    /// How many of these attempts may have reached the address.
    pub copies: i32,
    /// Until when it belongs to the one that took it out.
    pub lease_until: Option<i64>,
    /// Why it was not sent the last time; neither its text nor its address.
    #[sea_orm(column_type = "Text", nullable)]
    pub last_error: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Adds a letter; inside a transaction it is sent if that commits.
pub async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let row: ActiveModel = row.into();
    Entity::insert(row.reset_all())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Takes out at most `limit` letters that are due at `now`, for the time of `lease`.
///
/// One statement, so two callers never take the same letter. Each counts as a copy until [`postpone`] says that it did
/// not leave. Fewer attempts go first: letters that are refused again and again never hold up new ones.
pub async fn claim(
    db: &impl ConnectionTrait,
    now: i64,
    limit: u64,
    lease: Duration,
) -> Result<Vec<Model>, DbErr> {
    let lease = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX);
    let is_free = Column::LeaseUntil.is_null().or(Column::LeaseUntil.lte(now));
    let due = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::DueAt.lte(now))
        .filter(is_free)
        .order_by_asc(Column::Attempts)
        .order_by_asc(Column::DueAt)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    let mut rows = Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(now.saturating_add(lease)))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .col_expr(Column::Copies, Expr::col(Column::Copies).add(1))
        .filter(Column::Id.in_subquery(due.into_query()))
        .exec_with_returning(db)
        .await?;
    rows.sort_by_key(|row| (row.attempts, row.due_at));
    Ok(rows)
}

/// Removes a letter: it was sent, or is given up.
pub async fn done(db: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}

/// Puts back a letter that [`claim`] gave out, to be tried again at `due_at`; with `may_have_left` false the attempt does not
/// count as a copy. Nothing happens if the lease ran out and somebody else has taken the letter since.
pub async fn postpone(
    db: &impl ConnectionTrait,
    claimed: &Model,
    due_at: i64,
    error: &str,
    may_have_left: bool,
) -> Result<(), DbErr> {
    let copies = claimed.copies - i32::from(!may_have_left);
    Entity::update_many()
        .set(ActiveModel {
            due_at: Set(due_at),
            copies: Set(copies),
            lease_until: Set(None),
            last_error: Set(Some(error.to_owned())),
            ..Default::default()
        })
        .filter(Column::Id.eq(claimed.id))
        // Every claim counts one up, so the number names the holder.
        .filter(Column::Attempts.eq(claimed.attempts))
        .exec(db)
        .await?;
    Ok(())
}

/// For how many milliseconds the oldest letter that is due has been so; 0 when none is.
pub async fn lag(db: &impl ConnectionTrait, now: i64) -> Result<i64, DbErr> {
    let oldest: Option<Option<i64>> = Entity::find()
        .select_only()
        .column_as(Column::DueAt.min(), "oldest")
        .filter(Column::DueAt.lte(now))
        .into_tuple()
        .one(db)
        .await?;
    Ok(oldest
        .flatten()
        .map_or(0, |due_at| now.saturating_sub(due_at)))
}
