//! Many accounts at once.

use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
    sea_query::OnConflict,
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
        Self::insert_many(accounts)
            // On any of the unique indexes.
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_with_returning_keys(db)
            .await
    }
}
