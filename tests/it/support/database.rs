//! A fresh database on each engine.

use accountd_migrations::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectOptions, Database, DatabaseConnection};

use super::postgres;

/// SQLite in memory, on its one connection.
pub(crate) async fn sqlite() -> DatabaseConnection {
    open("sqlite::memory:".to_owned(), 1).await
}

/// A database of its own on the throwaway PostgreSQL.
pub(crate) async fn postgres() -> DatabaseConnection {
    open(postgres::database().await, 4).await
}

async fn open(url: String, connections: u32) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .sqlx_logging(false)
        .test_before_acquire(false);
    let db = Database::connect(options).await.expect("connect");
    Migrator::up(&db, None).await.expect("migrate");
    db
}

/// One test on both engines: `both_engines! { async fn name(db) { … } }` makes `name::sqlite` and `name::postgres`.
macro_rules! both_engines {
    ($(async fn $name:ident($db:ident) $body:block)+) => {
        $(mod $name {
            use super::*;

            async fn test($db: sea_orm::DatabaseConnection) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                test(crate::support::database::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                test(crate::support::database::postgres().await).await;
            }
        })+
    };
}
pub(crate) use both_engines;
