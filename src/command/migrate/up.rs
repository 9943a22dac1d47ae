//! Taking the steps of the schema that are missing.

use accountd_migrations::{Migrator, MigratorTrait as _};
use sea_orm::{
    ConnectionTrait as _, DbBackend, DbErr, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait as _,
};

use super::Standing;
use crate::store::Db;

/// The number of the lock among the advisory locks of a PostgreSQL database: `accountd` in ASCII.
const LOCK: i64 = 0x6163_636f_756e_7464;

/// Takes every step of this version that has not been taken, all or none. Steps of newer versions stay as they are.
///
/// Replicas that start at once come one after another: the first takes the steps, and the others find none.
///
/// Refused: a schema that lacks a step of this version and has one of a newer version.
pub(in crate::command) async fn up(db: &Db) -> Result<(), DbErr> {
    let options = TransactionOptions {
        // SQLite has one writer; PostgreSQL gets a lock below.
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = db.pool().begin_with_options(options).await?;
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = "SELECT pg_advisory_xact_lock($1)";
        let lock = Statement::from_sql_and_values(DbBackend::Postgres, lock, [LOCK.into()]);
        tx.execute_raw(lock).await?;
    }
    let standing = Standing::of(&tx).await?;
    if standing.pending() == 0 {
        return Ok(());
    }
    if let Some(newest) = standing.newer.last() {
        let why =
            format!("a step of this version is missing, and {newest} of a newer one is there");
        return Err(DbErr::Custom(why));
    }
    Migrator::up(&tx, None).await?;
    tx.commit().await
}
