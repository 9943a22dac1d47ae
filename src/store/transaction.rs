//! Write transactions, and trying again when two of them met.

use std::{future::Future, time::Duration};

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait as _,
};

/// Begins a transaction that will write.
///
/// SQLite takes its one write lock at once: a transaction that read first and wrote later could be refused half-way.
pub async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    db.begin_with_options(TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    })
    .await
}

/// Waits between attempts: four more are made at the most, so the longest wait is bounded.
const WAITS: [Duration; 4] = [
    Duration::from_millis(5),
    Duration::from_millis(20),
    Duration::from_millis(60),
    Duration::from_millis(150),
];

/// Runs `attempt` until it succeeds or fails for a reason that `met_another` denies, five times at the most.
pub async fn retrying<T, E, Work>(
    met_another: impl Fn(&E) -> bool,
    mut attempt: impl FnMut() -> Work,
) -> Result<T, E>
where
    Work: Future<Output = Result<T, E>>,
{
    for wait in WAITS {
        match attempt().await {
            Err(error) if met_another(&error) => tokio::time::sleep(wait).await,
            done => return done,
        }
    }
    attempt().await
}
