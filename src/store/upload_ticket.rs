//! Tickets to upload a picture before the first login: at most one for an account.

use sea_orm::{ActiveValue::Set, entity::prelude::*, sea_query::Expr};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "upload_tickets")]
pub struct Model {
    /// Whose picture it may set.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// The SHA-256 digest of its secret.
    pub digest: Vec<u8>,
    /// When it stops working, in milliseconds since 1970.
    pub expires_at: i64,
    /// Whether a picture was set with it. It stays until it expires, so that a call sent again is known for what it is.
    pub is_used: bool,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Adds the ticket of an account that has none.
    pub async fn add(
        db: &impl ConnectionTrait,
        account_id: Uuid,
        digest: &[u8],
        expires_at: i64,
    ) -> Result<(), DbErr> {
        let row = ActiveModel {
            account_id: Set(account_id),
            digest: Set(digest.to_vec()),
            expires_at: Set(expires_at),
            is_used: Set(false),
        };
        Self::insert(row).exec_without_returning(db).await?;
        Ok(())
    }

    /// The ticket of the account, used or not, if it has one that has not expired at `now`.
    pub async fn find_live(
        db: &impl ConnectionTrait,
        account_id: Uuid,
        now: i64,
    ) -> Result<Option<Model>, DbErr> {
        Self::find_by_id(account_id)
            .filter(Column::ExpiresAt.gt(now))
            .one(db)
            .await
    }

    /// Uses the ticket up. Returns whether it could be used: of two that try, one is told so.
    pub async fn consume(
        db: &impl ConnectionTrait,
        account_id: Uuid,
        digest: &[u8],
        now: i64,
    ) -> Result<bool, DbErr> {
        let used = Self::update_many()
            .col_expr(Column::IsUsed, Expr::value(true))
            .filter(Column::AccountId.eq(account_id))
            .filter(Column::Digest.eq(digest))
            .filter(Column::ExpiresAt.gt(now))
            .filter(Column::IsUsed.eq(false))
            .exec(db)
            .await?;
        Ok(used.rows_affected == 1)
    }

    /// Takes the ticket of the account back.
    pub async fn withdraw(db: &impl ConnectionTrait, account_id: Uuid) -> Result<(), DbErr> {
        Self::delete_by_id(account_id).exec(db).await?;
        Ok(())
    }

    /// Removes tickets that expired before `now`.
    pub async fn sweep(db: &impl ConnectionTrait, now: i64) -> Result<(), DbErr> {
        Self::delete_many()
            .filter(Column::ExpiresAt.lte(now))
            .exec(db)
            .await?;
        Ok(())
    }
}
