//! How SQLite plans what is asked of it.

use accountd::store::Db;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::support::database;

async fn texts(db: &Db, sql: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql));
    let rows = rows.await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

#[tokio::test]
async fn a_plan_does_not_depend_on_values() {
    let options = texts(&database::sqlite().await, "PRAGMA compile_options").await;
    assert!(
        options.contains(&String::from("ENABLE_QPSG")),
        "{options:?}"
    );
}
