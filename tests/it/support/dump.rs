//! Everything that the engines hold, as a thief would read it, and their loss.

use redis::{AsyncCommands as _, aio::MultiplexedConnection, cmd};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::{
    redis::shared_url,
    service::{Engines, Ground, Node},
};

/// Every byte of every table: of SQLite the files, of PostgreSQL the rows as text.
pub async fn sql(node: &Node) -> Vec<u8> {
    match node.ground.engines {
        Engines::Embedded => ["accountd.db", "accountd.db-wal"]
            .iter()
            .filter_map(|file| std::fs::read(node.ground.path().join(file)).ok())
            .flatten()
            .collect(),
        Engines::Production => {
            let db = &node.app.db;
            let list = "SELECT table_name::text AS it FROM information_schema.tables WHERE table_schema = 'public'";
            let mut all = Vec::new();
            for table in texts(db, list).await {
                let rows = format!("SELECT row_to_json(t)::text AS it FROM \"{table}\" t");
                all.extend(texts(db, &rows).await.join("\n").into_bytes());
            }
            all
        }
    }
}

async fn texts(db: &accountd::store::Db, query: &str) -> Vec<String> {
    let rows = db
        .query_all_raw(Statement::from_string(DbBackend::Postgres, query))
        .await
        .unwrap();
    let text = |row: sea_orm::QueryResult| row.try_get::<String>("", "it").unwrap();
    rows.into_iter().map(text).collect()
}

/// Every key and value in Redis; nothing for the store in memory, which is in no file.
pub async fn kv(ground: &Ground) -> Vec<u8> {
    let mut all = Vec::new();
    let Some((mut redis, keys)) = keys(ground).await else {
        return all;
    };
    for key in keys {
        all.extend(key.as_bytes());
        let kind: String = cmd("TYPE").arg(&key).query_async(&mut redis).await.unwrap();
        if kind == "hash" {
            let fields: Vec<Vec<u8>> = cmd("HGETALL")
                .arg(&key)
                .query_async(&mut redis)
                .await
                .unwrap();
            all.extend(fields.concat());
        } else {
            let value: Vec<u8> = redis.get(&key).await.unwrap();
            all.extend(value);
        }
    }
    all
}

/// Redis loses everything, as after a flush; the store in memory stays as it is, since it ends with its process only.
pub async fn lose_kv(ground: &Ground) {
    if let Some((mut redis, keys)) = keys(ground).await {
        for key in keys {
            let _: () = redis.del(key).await.unwrap();
        }
    }
}

/// A connection, and the keys of this ground: other tests use the same server.
async fn keys(ground: &Ground) -> Option<(MultiplexedConnection, Vec<String>)> {
    let prefix = ground.prefix.as_ref()?;
    let client = redis::Client::open(shared_url().await).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    let keys = cmd("KEYS")
        .arg(format!("{prefix}:*"))
        .query_async(&mut redis)
        .await
        .unwrap();
    Some((redis, keys))
}
