//! A database and a Redis as text.

use std::{collections::BTreeMap, path::Path, process::Command};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use redis::{AsyncCommands as _, cmd};
use sea_orm::Database;
use serde::{Deserialize, Serialize};

use super::ahead::texts;
use crate::support::{postgres, redis::Server};

/// A key of Redis; all bytes are in base64.
#[derive(Deserialize, Serialize)]
pub(super) struct Key {
    name: String,
    left_millis: i64,
    /// Of a string.
    value: Option<String>,
    /// Of a hash.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, String>,
}

/// Tables and rows of an SQLite file, as statements.
pub(super) async fn sqlite(file: &Path) -> String {
    let db = Database::connect(format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    let schema = "SELECT sql AS it FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
    let mut lines = texts(&db, schema).await;
    let tables = "SELECT name AS it FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
    for table in texts(&db, tables).await {
        let columns = format!("SELECT name AS it FROM pragma_table_info('{table}')");
        let columns = texts(&db, &columns).await;
        let quoted: Vec<String> = columns
            .iter()
            .map(|column| format!("quote(\"{column}\")"))
            .collect();
        let values = quoted.join(" || ', ' || ");
        let rows = format!(
            "SELECT 'INSERT INTO \"{table}\" VALUES (' || {values} || ')' AS it FROM \"{table}\" ORDER BY rowid"
        );
        lines.extend(texts(&db, &rows).await);
    }
    db.close().await.unwrap();
    lines.join(";\n") + ";\n"
}

/// The same of a PostgreSQL, by its own tool; without what only that tool's own client reads.
pub(super) fn postgres(url: &str) -> String {
    let mut command = Command::new(postgres::binary("pg_dump"));
    command.args([
        "--inserts",
        "--no-owner",
        "--no-privileges",
        "--dbname",
        url,
    ]);
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let is_read = |line: &&str| {
        let skipped = ["--", "\\", "SET ", "SELECT pg_catalog.set_config"];
        !line.is_empty() && !skipped.iter().any(|begin| line.starts_with(begin))
    };
    let lines: Vec<&str> = text.lines().filter(is_read).collect();
    lines.join("\n") + "\n"
}

/// All keys of a Redis.
pub(super) async fn keys(server: &Server) -> Vec<Key> {
    let mut redis = server.connection().await;
    let mut names: Vec<String> = redis.keys("*").await.unwrap();
    names.sort();
    let mut keys = Vec::new();
    for name in names {
        let kind: String = cmd("TYPE")
            .arg(&name)
            .query_async(&mut redis)
            .await
            .unwrap();
        let left_millis = redis.pttl(&name).await.unwrap();
        let (mut value, mut fields) = (None, BTreeMap::new());
        match kind.as_str() {
            "string" => {
                let bytes: Vec<u8> = redis.get(&name).await.unwrap();
                value = Some(STANDARD.encode(bytes));
            }
            "hash" => {
                let found: BTreeMap<String, Vec<u8>> = redis.hgetall(&name).await.unwrap();
                let found = found.into_iter();
                fields.extend(found.map(|(field, bytes)| (field, STANDARD.encode(bytes))));
            }
            // It ended meanwhile.
            "none" => continue,
            other => panic!("a {other} at {name}"),
        }
        keys.push(Key {
            name,
            left_millis,
            value,
            fields,
        });
    }
    keys
}

/// Puts keys into an empty Redis, with the time that they had left.
pub(super) async fn restore(keys: &[Key], server: &Server) {
    let mut redis = server.connection().await;
    for key in keys {
        if let Some(value) = &key.value {
            let bytes = STANDARD.decode(value).unwrap();
            let _: () = redis.set(&key.name, bytes).await.unwrap();
        }
        for (field, value) in &key.fields {
            let bytes = STANDARD.decode(value).unwrap();
            let _: () = redis.hset(&key.name, field, bytes).await.unwrap();
        }
        if key.left_millis > 0 {
            let _: () = redis.pexpire(&key.name, key.left_millis).await.unwrap();
        }
    }
}
