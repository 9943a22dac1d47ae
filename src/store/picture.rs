//! Pictures: what lies in the object store, whose it is, and what is to be removed from it.
//!
//! A row is written before the first of its objects, so that no object is without one. It is *staged* until the commit
//! that names it on its account, *current* while the account names it, and *nobody's* from the statement that replaces
//! it, deletes it or deletes the account.

use std::time::Duration;

use sea_orm::{
    ActiveValue::Set,
    ExprTrait as _, QuerySelect as _, QueryTrait as _,
    entity::prelude::*,
    sea_query::{Expr, LockBehavior, LockType},
};

/// One row. Times are milliseconds since 1970.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pictures")]
pub struct Model {
    /// The picture's name (`UUIDv7`), part of the names of its objects.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The population of its account.
    pub realm: String,
    /// Whose it is; nobody's when its objects are to be removed.
    pub account_id: Option<Uuid>,
    /// The media type of all its objects.
    pub content_type: String,
    /// Pixels.
    pub width: i32,
    /// Pixels.
    pub height: i32,
    /// Bytes of the full picture.
    pub full_size: i64,
    /// SHA-256 of the full picture.
    pub full_digest: Vec<u8>,
    /// Bytes of the square of 512 pixels.
    #[sea_orm(column_name = "square_512_size")]
    pub square_512_size: i64,
    /// SHA-256 of the square of 512 pixels.
    #[sea_orm(column_name = "square_512_digest")]
    pub square_512_digest: Vec<u8>,
    /// Bytes of the square of 128 pixels.
    #[sea_orm(column_name = "square_128_size")]
    pub square_128_size: i64,
    /// SHA-256 of the square of 128 pixels.
    #[sea_orm(column_name = "square_128_digest")]
    pub square_128_digest: Vec<u8>,
    /// When it was staged.
    pub created_at: i64,
    /// From when its objects are to be removed; none while an account names it.
    pub remove_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Stages a picture: unless [`Self::make_current`] comes first, its objects are removed from `remove_at` on.
    pub async fn stage(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
        let row: ActiveModel = row.into();
        Self::insert(row.reset_all())
            .exec_without_returning(db)
            .await?;
        Ok(())
    }

    /// Takes a staged picture out of the removal. Returns whether it was still staged.
    pub async fn make_current(db: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
        let done = Self::update_many()
            .col_expr(Column::RemoveAt, Expr::value(Option::<i64>::None))
            .filter(Column::Id.eq(id))
            .filter(Column::AccountId.is_not_null())
            .filter(Column::RemoveAt.is_not_null())
            .exec(db)
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// Makes a picture nobody's: its objects are removed from now on, whatever the clocks say.
    pub async fn release(db: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
        Self::update_many()
            .set(ActiveModel {
                account_id: Set(None),
                remove_at: Set(None),
                ..Default::default()
            })
            .filter(Column::Id.eq(id))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Makes a staged picture nobody's, its objects to be removed from `remove_at` on; one that has become current stays,
    /// so this may follow a commit whose outcome is not known.
    pub async fn abandon(db: &impl ConnectionTrait, id: Uuid, remove_at: i64) -> Result<(), DbErr> {
        Self::update_many()
            .set(ActiveModel {
                account_id: Set(None),
                remove_at: Set(Some(remove_at)),
                ..Default::default()
            })
            .filter(Column::Id.eq(id))
            .filter(Column::RemoveAt.is_not_null())
            .exec(db)
            .await?;
        Ok(())
    }

    /// Takes out at most `limit` pictures whose objects are to be removed at `now`, and puts off the next try by
    /// `lease`. One statement, so two callers never take the same one, and no staged picture that was taken becomes
    /// current any more.
    pub async fn claim(
        db: &impl ConnectionTrait,
        now: i64,
        limit: u64,
        lease: Duration,
    ) -> Result<Vec<Model>, DbErr> {
        let lease = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX);
        let of_deleted = Column::AccountId.is_null().and(Column::RemoveAt.is_null());
        let due = Self::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::RemoveAt.lte(now).or(of_deleted))
            .limit(limit)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        Self::update_many()
            .set(ActiveModel {
                account_id: Set(None),
                remove_at: Set(Some(now.saturating_add(lease))),
                ..Default::default()
            })
            .filter(Column::Id.in_subquery(due.into_query()))
            .exec_with_returning(db)
            .await
    }
}
