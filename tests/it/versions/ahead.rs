//! A schema that is one step ahead, made as far from ours as a next version may make it.

use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};

/// The step that no version of ours knows.
const STEP: &str = "m29990101_000001_later";

/// What a step of the next version may do that takes nothing away.
const BESIDE: [&str; 4] = [
    "CREATE TABLE later_things (id BIGINT PRIMARY KEY, note TEXT NOT NULL DEFAULT 'none')",
    "CREATE INDEX ix_later_things_note ON later_things (note)",
    "CREATE INDEX ix_accounts_later_count ON accounts (later_count, id)",
    "CREATE INDEX ix_sessions_later_note ON sessions (later_note)",
];

/// Takes the step on a database whose schema is up to date: every table of ours has two more columns.
pub(super) async fn take(url: &str) {
    let db = Database::connect(url).await.unwrap();
    let tables = tables(&db).await;
    assert!(tables.len() >= 8, "the tables of the schema: {tables:?}");
    for table in tables {
        for column in [
            "later_note TEXT DEFAULT 'of the next version'",
            "later_count BIGINT NOT NULL DEFAULT 7",
        ] {
            let statement = format!("ALTER TABLE \"{table}\" ADD COLUMN {column}");
            db.execute_unprepared(&statement).await.unwrap();
        }
    }
    for statement in BESIDE {
        db.execute_unprepared(statement).await.unwrap();
    }
    let written =
        format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{STEP}', 0)");
    db.execute_unprepared(&written).await.unwrap();
    db.close().await.unwrap();
}

/// How many rows of each table were written after the step was taken, by what a column has of itself.
pub(super) async fn written(url: &str, table: &str) -> usize {
    let db = Database::connect(url).await.unwrap();
    let query = format!("SELECT later_note AS it FROM \"{table}\" WHERE later_count = 7");
    let notes = texts(&db, &query).await;
    db.close().await.unwrap();
    assert!(
        notes.iter().all(|note| note == "of the next version"),
        "{notes:?}"
    );
    notes.len()
}

/// The tables of ours, as the database tells them.
async fn tables(db: &DatabaseConnection) -> Vec<String> {
    let query = match db.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT name AS it FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        }
        _ => "SELECT tablename::text AS it FROM pg_tables WHERE schemaname = 'public'",
    };
    let mut tables = texts(db, query).await;
    tables.retain(|table| table != "seaql_migrations");
    tables
}

/// The column `it` of all rows.
pub(super) async fn texts(db: &DatabaseConnection, query: &str) -> Vec<String> {
    let statement = Statement::from_string(db.get_database_backend(), query);
    let rows = db.query_all_raw(statement).await.unwrap();
    let text = |row: sea_orm::QueryResult| row.try_get::<String>("", "it").unwrap();
    rows.into_iter().map(text).collect()
}
