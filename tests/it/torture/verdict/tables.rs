//! The rows of accounts, read past the service.

use std::collections::{BTreeMap, BTreeSet};

use accountd::store::account::{self, State};
use sea_orm::{DatabaseConnection, EntityTrait as _};

use super::super::world::World;

/// No two live accounts share a name or an address in any spelling, and none that was deleted is there.
pub(in super::super) async fn check(world: &World, db: &DatabaseConnection) {
    let rows = account::Entity::find().all(db).await.unwrap();
    let gone = world.gone.lock().unwrap().clone();
    let gone: BTreeSet<String> = gone.into_iter().filter_map(|one| one.account_id).collect();
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for row in rows {
        world.history.count("* rows of accounts compared");
        let id = row.id.to_string();
        if gone.contains(&id) {
            let text = format!("the deleted account {id} is in its table");
            world.history.break_off("tables", "I7", &text);
        }
        if row.state != State::Active {
            continue;
        }
        let name = row.username.map(|name| format!("name {name}"));
        let address = row.email.map(|email| format!("address {email}"));
        for key in name.into_iter().chain(address) {
            let key = format!("{} of {}", key.to_lowercase(), row.realm);
            if let Some(other) = owners.insert(key.clone(), id.clone()) {
                let text = format!("{id} and {other} both have the {key}");
                world.history.break_off("tables", "I5", &text);
            }
        }
    }
}
