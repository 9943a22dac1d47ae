//! The schema, forward and back.

use accountd::store::Db;
use accountd_migrations::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use crate::support::database::both_engines;

/// Tables, columns and indexes, as the engine tells them.
async fn schema(db: &Db) -> Vec<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable AS line \
             FROM information_schema.columns WHERE table_schema = 'public' \
             UNION SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
        }
        _ => "SELECT coalesce(sql, name) AS line FROM sqlite_master ORDER BY 1",
    };
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap();
    rows.iter()
        .map(|row| row.try_get("", "line").unwrap())
        .collect()
}

both_engines! {
    async fn every_step_goes_back_and_forth(db) {
        let complete = schema(&db).await;
        let steps = Migrator::migrations().len();
        for _ in 0..steps {
            Migrator::down(db.pool(), Some(1)).await.unwrap();
        }
        let left = schema(&db).await.join("\n");
        for table in ["accounts", "sessions", "codes", "outbox", "audit_events", "replies"] {
            assert!(!left.contains(table), "{table} is left: {left}");
        }
        for _ in 0..steps {
            Migrator::up(db.pool(), Some(1)).await.unwrap();
        }
        assert_eq!(schema(&db).await, complete);
    }

    async fn a_second_run_changes_nothing(db) {
        let complete = schema(&db).await;
        Migrator::up(db.pool(), None).await.unwrap();
        assert_eq!(schema(&db).await, complete);
    }
}
