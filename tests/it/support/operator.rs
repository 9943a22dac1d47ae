//! What an operator does to an account, straight in the database.

use std::time::Duration;

use accountd::{
    backend::kv::Mark,
    store::account::{ActiveModel, Entity, State},
};
use sea_orm::{ActiveValue::Set, EntityTrait as _};
use uuid::Uuid;

use super::service::Node;

const TTL: Duration = Duration::from_mins(1);

pub async fn set_state(node: &Node, account_id: &str, state: State) {
    let state = Set(state);
    update(
        node,
        account_id,
        ActiveModel {
            state,
            ..ActiveModel::default()
        },
    )
    .await;
}

pub async fn set_role(node: &Node, account_id: &str, role: &str) {
    let role = Set(role.to_owned());
    update(
        node,
        account_id,
        ActiveModel {
            role,
            ..ActiveModel::default()
        },
    )
    .await;
}

async fn update(node: &Node, account_id: &str, mut row: ActiveModel) {
    let id = Uuid::parse_str(account_id).unwrap();
    row.id = Set(id);
    Entity::update(row).exec(&node.app.db).await.unwrap();
    // Whoever changes an account says so.
    let told = node.app.kv.announce(id, &[], Mark::Revoked, TTL).await;
    told.unwrap();
}
