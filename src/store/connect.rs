//! The pool of connections, set up for the engine that the address names.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, Database, DbErr,
    sqlx::{
        Connection as _, Executor as _,
        postgres::PgPoolOptions,
        sqlite::{
            SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous, SqliteTransactionManager,
        },
    },
};
use sqlx_core::transaction::TransactionManager as _;

use super::{Db, begins::Begins};
use crate::faults::Faults;

/// How to reach the database.
#[derive(Clone)]
pub struct Options {
    /// `sqlite:…` or `postgres://…`, secrets and all.
    pub url: String,
    /// Connections at most.
    pub max_connections: u32,
    /// How long a statement waits for a connection before it is refused.
    pub acquire_timeout: Duration,
    /// How long a statement may run before the engine ends it (PostgreSQL); zero is for ever.
    pub statement_timeout: Duration,
    /// What is broken on purpose.
    pub faults: Faults,
}

/// How much later than its engine's own limit a statement is given up: for the way there and back.
const WAY: Duration = Duration::from_millis(200);
/// How long a connection whose statement was given up may take to show that it is still good.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);
/// Leaves a PostgreSQL connection without a transaction, whatever came before. A lone `ROLLBACK` would be warned of in the
/// server's log each time.
const END_ANY_TRANSACTION: &str = "BEGIN; ROLLBACK";
/// How long a SQLite writer waits for another before it is refused.
const SQLITE_BUSY: Duration = Duration::from_secs(5);

/// Opens the pool. PostgreSQL need not be there yet: connections are made when they are wanted.
pub async fn connect(options: &Options) -> Result<Db, DbErr> {
    let mut connect = ConnectOptions::new(&options.url);
    let begins = Begins::default();
    connect
        .sqlx_logging(false)
        // A ping before every statement would double its round trips; a dead connection shows itself anyway.
        .test_before_acquire(false)
        .acquire_timeout(options.acquire_timeout)
        .max_connections(options.max_connections);
    let patience = if options.url.starts_with("sqlite:") {
        if options.url.contains(":memory:") {
            // Every connection has a memory of its own, and it dies with the connection.
            connect
                .max_connections(1)
                .min_connections(1)
                .idle_timeout(None)
                .max_lifetime(None);
        }
        connect
            .acquire_timeout(SQLITE_BUSY)
            .map_sqlx_sqlite_pool_opts(finish_transactions)
            .map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .create_if_missing(true)
                    .foreign_keys(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    // What was acknowledged must survive a power cut, not only a crash.
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(SQLITE_BUSY)
            });
        // It waits for a connection, and then for its turn to write.
        SQLITE_BUSY * 3
    } else {
        connect
            .connect_lazy(true)
            .connect_timeout(options.acquire_timeout)
            .statement_timeout(options.statement_timeout)
            .test_before_acquire_if_idle_for(Duration::from_secs(30))
            .set_application_name("accountd")
            .map_sqlx_postgres_pool_opts({
                let begins = begins.clone();
                move |pool| settle_answers(pool, begins.clone())
            });
        // Whoever waited long for a connection has that much less for the statement: the caller waits for both.
        match options.statement_timeout {
            Duration::ZERO => Duration::MAX,
            limit => options.acquire_timeout.max(limit) + WAY,
        }
    };
    let pool = Database::connect(connect).await?;
    Ok(Db::new(pool, patience, begins, options.faults.clone()))
}

/// Opens the database to look at it beside whoever uses it: a SQLite file must be there, and keeps its journal as it is.
pub async fn connect_to_look(options: &Options) -> Result<Db, DbErr> {
    if !options.url.starts_with("sqlite:") {
        return connect(options).await;
    }
    let mut connect = ConnectOptions::new(&options.url);
    connect
        .sqlx_logging(false)
        .max_connections(1)
        .acquire_timeout(SQLITE_BUSY)
        .map_sqlx_sqlite_opts(|sqlite| sqlite.create_if_missing(false).busy_timeout(SQLITE_BUSY));
    let pool = Database::connect(connect).await?;
    let begins = Begins::default();
    Ok(Db::new(
        pool,
        SQLITE_BUSY * 2,
        begins,
        options.faults.clone(),
    ))
}

/// Makes sure that a connection which comes back owes no answer and has no transaction open; closes it where that fails.
///
/// Where nothing is owed it costs nothing. A dead line would hold its place in the pool until the operating system notices.
fn settle_answers(pool: PgPoolOptions, begins: Begins) -> PgPoolOptions {
    pool.after_release(move |connection, _| {
        let may_be_open = begins.may_be_open();
        Box::pin(async move {
            let settled = async {
                if may_be_open {
                    connection.execute(END_ANY_TRANSACTION).await.map(drop)
                } else {
                    connection.flush().await
                }
            };
            tokio::time::timeout(SIGN_OF_LIFE, settled)
                .await
                .unwrap_or_else(|late| Err(sqlx::Error::Io(late.into())))
                .map(|()| true)
        })
    })
}

/// Makes sure that a connection which comes back has no transaction open; closes it where that fails.
///
/// When SQLite cannot write, it may end a transaction by itself. The rollback that follows then fails, and the driver
/// goes on counting one transaction as open: the next would be a savepoint of it, and its commit would commit nothing.
fn finish_transactions(pool: SqlitePoolOptions) -> SqlitePoolOptions {
    pool.after_release(|connection, _| {
        Box::pin(async move {
            if connection.is_in_transaction() {
                // The rollback of a transaction that was dropped may be on its way; a ping comes behind it.
                connection.ping().await?;
            }
            if connection.is_in_transaction() {
                // One that can be rolled back, in place of the one that is gone. It touches no file: a full disk is no
                // reason to close the last connection, and with it what reads need to go on.
                let _ = connection.execute("BEGIN").await;
                SqliteTransactionManager::rollback(connection).await?;
            }
            Ok(!connection.is_in_transaction())
        })
    })
}
