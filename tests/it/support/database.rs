//! A fresh database on each engine.

use std::time::Duration;

use accountd::{
    faults::Faults,
    store::{self, Db},
};
use accountd_migrations::{Migrator, MigratorTrait as _};

use super::postgres;

/// SQLite in memory, on its one connection.
pub(crate) async fn sqlite() -> Db {
    open("sqlite::memory:".to_owned(), 1).await
}

/// A database of its own on the throwaway PostgreSQL.
pub(crate) async fn postgres() -> Db {
    open(postgres::database().await, 4).await
}

async fn open(url: String, connections: u32) -> Db {
    let options = store::Options {
        url,
        max_connections: connections,
        acquire_timeout: Duration::from_secs(30),
        statement_timeout: Duration::from_secs(30),
        faults: Faults::default(),
    };
    let db = store::connect(&options).await.expect("connect");
    Migrator::up(db.pool(), None).await.expect("migrate");
    db
}

/// One test on both engines: `both_engines! { async fn name(db) { … } }` makes `name::sqlite` and `name::postgres`.
macro_rules! both_engines {
    ($(async fn $name:ident($db:ident) $body:block)+) => {
        $(mod $name {
            use super::*;

            async fn test($db: accountd::store::Db) $body

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
