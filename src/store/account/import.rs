//! Many accounts at once.

use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
    TryInsertResult,
};
use uuid::Uuid;

use super::{Entity, Model};

impl Entity {
    /// Adds those of `accounts` that meet no other account, in one statement. Returns their ids.
    pub async fn add_free(
        db: &impl ConnectionTrait,
        accounts: Vec<Model>,
    ) -> Result<Vec<Uuid>, DbErr> {
        let accounts = accounts
            .into_iter()
            .map(|account| account.into_active_model().reset_all());
        let added = Self::insert_many(accounts)
            .on_conflict_do_nothing()
            .exec_with_returning_keys(db)
            .await?;
        Ok(match added {
            TryInsertResult::Inserted(ids) => ids,
            TryInsertResult::Empty | TryInsertResult::Conflicted => Vec::new(),
        })
    }
}
