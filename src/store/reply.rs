//! The table of replies: what named calls were answered.

use sea_orm::{
    ActiveModelBehavior, ColumnTrait as _, ConnectionTrait, DbErr, DeriveEntityModel,
    DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, ExprTrait as _, IntoActiveModel as _,
    PrimaryKeyTrait, QueryFilter as _, QuerySelect as _,
    sea_query::{Expr, OnConflict},
};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "replies")]
pub struct Model {
    /// The method and the id that the client gave to its request.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// What was answered, sealed.
    pub answer: Vec<u8>,
    /// When it is told for the last time, in milliseconds since 1970.
    pub expires_at: i64,
}

/// None: an answer outlives what it speaks of.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Keeps an answer, in the place of one that has expired at `now`. Returns false, and keeps nothing, where another
    /// transaction has kept one that has not; one that is still open is waited for.
    pub async fn keep(db: &impl ConnectionTrait, row: Model, now: i64) -> Result<bool, DbErr> {
        let over = OnConflict::column(Column::Key)
            .update_columns([Column::Answer, Column::ExpiresAt])
            .action_and_where(Expr::col((Self, Column::ExpiresAt)).lte(now))
            .to_owned();
        let kept = Self::insert(row.into_active_model())
            .on_conflict(over)
            .exec_without_returning(db)
            .await?;
        Ok(kept == 1)
    }

    /// The answer of that key, if it has one that has not expired at `now`.
    pub async fn find_live(
        db: &impl ConnectionTrait,
        key: &str,
        now: i64,
    ) -> Result<Option<Model>, DbErr> {
        Self::find_by_id(key.to_owned())
            .filter(Column::ExpiresAt.gt(now))
            .one(db)
            .await
    }

    /// Forgets answers that expired before `now`, at most `limit` at a time. Returns how many.
    pub async fn sweep(db: &impl ConnectionTrait, now: i64, limit: u64) -> Result<u64, DbErr> {
        let stale: Vec<String> = Self::find()
            .select_only()
            .column(Column::Key)
            .filter(Column::ExpiresAt.lte(now))
            .limit(limit)
            .into_tuple()
            .all(db)
            .await?;
        let gone = Self::delete_many()
            .filter(Column::Key.is_in(stale))
            // Another answer may have taken its place meanwhile.
            .filter(Column::ExpiresAt.lte(now))
            .exec(db)
            .await?;
        Ok(gone.rows_affected)
    }
}
