//! Pictures: set, fetched, replaced and removed, over real streams.

mod bounds;
mod cache;
mod crowd;
mod damage;
mod life;
mod rivals;
mod s3;
mod tickets;

use accountd::store::picture;
use sea_orm::{EntityTrait as _, PaginatorTrait as _};

use crate::support::service::Node;

/// Pictures that the tables know, whosever they are.
async fn rows(node: &Node) -> u64 {
    picture::Entity::find().count(&node.app.db).await.unwrap()
}

/// The files in the store, in order of their names; those of the store itself left out.
pub(super) fn objects(node: &Node) -> Vec<std::path::PathBuf> {
    fn walk(directory: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(directory).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&node.ground.settings.pictures_directory(), &mut found);
    found.sort();
    found
}
