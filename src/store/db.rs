//! The database as operations see it: every statement has an end, and passes the seam for faults.

use std::{fmt, future::Future, time::Duration};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait as _, prelude::async_trait::async_trait,
};

use super::{begins::Begins, fault::fault};
use crate::{
    faults::{Broken, Bug, Faults},
    traces::Child,
};

/// The pool of connections; clones share it.
#[derive(Clone)]
pub struct Db {
    pool: DatabaseConnection,
    begins: Begins,
    way: Way,
}

/// A transaction that writes; dropped without [`Transaction::commit`], it is rolled back.
pub struct Transaction {
    open: DatabaseTransaction,
    way: Way,
    traced: Child,
}

/// What every statement goes through.
#[derive(Clone)]
struct Way {
    /// How long an answer is waited for. The engine ends a slow statement before, so a line that is silent for longer
    /// is dead, and nobody else may be going to tell.
    patience: Duration,
    faults: Faults,
}

impl Way {
    async fn through<T>(
        &self,
        sql: &str,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let statement = self.faults.around(|| point(sql), statement, broken);
        tokio::time::timeout(self.patience, statement)
            .await
            .unwrap_or_else(|_| Err(lost("the database has not answered in time")))
    }
}

fn lost(why: &str) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(why.to_owned()))
}

fn broken(broken: Broken) -> DbErr {
    match broken {
        Broken::Lost => lost("the connection was lost on purpose"),
        Broken::Garbled => DbErr::Type(String::from("garbled on purpose")),
    }
}

/// How a test names a statement: by its verb and its table, `UPDATE accounts`.
fn point(sql: &str) -> String {
    let mut words = sql.split([' ', '(', '"']).filter(|word| !word.is_empty());
    let verb = words.next().unwrap_or_default();
    let before = match verb {
        "SELECT" | "DELETE" => "FROM",
        "INSERT" => "INTO",
        _ => verb,
    };
    let table = if before == verb {
        words.next()
    } else {
        words.skip_while(|word| *word != before).nth(1)
    };
    table.map_or_else(|| verb.to_owned(), |table| format!("{verb} {table}"))
}

impl Db {
    pub(super) fn new(
        pool: DatabaseConnection,
        patience: Duration,
        begins: Begins,
        faults: Faults,
    ) -> Self {
        let way = Way { patience, faults };
        Self { pool, begins, way }
    }

    /// The same database through another seam.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        let mut other = self.clone();
        other.way.faults = faults;
        other
    }

    /// The same database, given up after another time.
    #[must_use]
    pub fn with_patience(&self, patience: Duration) -> Self {
        let mut other = self.clone();
        other.way.patience = patience;
        other
    }

    /// What is broken on purpose.
    pub const fn faults(&self) -> &Faults {
        &self.way.faults
    }

    /// The bare pool, for what is not an operation: the schema's steps take as long as they take.
    pub const fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        let ping = Box::pin(self.pool.ping());
        self.way.through("PING", ping).await
    }
}

/// Begins a transaction that will write.
///
/// SQLite takes its one write lock at once: a transaction that read first and wrote later could be refused half-way.
pub async fn begin(db: &Db) -> Result<Transaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let mut traced = Child::transaction(system(db.pool.get_database_backend()));
    let under_way = db.begins.start();
    let begin = db.pool.begin_with_options(options);
    let answer = db.way.through("BEGIN", begin).await;
    let open = answer.inspect_err(|error| traced.failed(fault(error).word()))?;
    under_way.answered();
    let way = db.way.clone();
    Ok(Transaction { open, way, traced })
}

/// The engine's name among those of OpenTelemetry.
fn system(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "postgresql",
        DbBackend::Sqlite => "sqlite",
        _ => "other_sql",
    }
}

impl Transaction {
    /// Makes it durable. After an error it may have been, or not.
    pub async fn commit(mut self) -> Result<(), DbErr> {
        let commit = self.open.commit();
        let done = self.way.through("COMMIT", commit).await;
        match &done {
            Ok(()) => self.traced.outcome("committed"),
            Err(error) => self.traced.failed(fault(error).word()),
        }
        if self.way.faults.has(Bug::CommitIsNotLookedAt) {
            return Ok(());
        }
        done
    }
}

macro_rules! pass_statements {
    ($($type:ident . $inner:ident),*) => {
        $(
            #[async_trait]
            impl ConnectionTrait for $type {
                fn get_database_backend(&self) -> DbBackend {
                    self.$inner.get_database_backend()
                }

                async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
                    let sql = self.way.faults.keep(&statement.sql);
                    let call = self.$inner.execute_raw(statement);
                    self.way.through(&sql, call).await
                }

                async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
                    let call = self.$inner.execute_unprepared(sql);
                    self.way.through(sql, call).await
                }

                async fn query_one_raw(
                    &self,
                    statement: Statement,
                ) -> Result<Option<QueryResult>, DbErr> {
                    let sql = self.way.faults.keep(&statement.sql);
                    let call = self.$inner.query_one_raw(statement);
                    self.way.through(&sql, call).await
                }

                async fn query_all_raw(
                    &self,
                    statement: Statement,
                ) -> Result<Vec<QueryResult>, DbErr> {
                    let sql = self.way.faults.keep(&statement.sql);
                    let call = self.$inner.query_all_raw(statement);
                    self.way.through(&sql, call).await
                }
            }

            impl fmt::Debug for $type {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(stringify!($type))
                }
            }
        )*
    };
}

pass_statements!(Db.pool, Transaction.open);

#[cfg(test)]
mod tests {
    use super::point;

    #[test]
    fn points_are_a_verb_and_a_table() {
        for (sql, name) in [
            (
                "SELECT \"sessions\".\"id\" FROM \"sessions\" LEFT JOIN \"accounts\"",
                "SELECT sessions",
            ),
            (
                "INSERT INTO \"outbox\" (\"id\") VALUES ($1)",
                "INSERT outbox",
            ),
            ("UPDATE \"codes\" SET \"consumed_at\" = $1", "UPDATE codes"),
            ("DELETE FROM \"sessions\" WHERE", "DELETE sessions"),
            ("COMMIT", "COMMIT"),
        ] {
            assert_eq!(point(sql), name);
        }
    }
}
