//! A Redis that comes back older than it was.

use redis::{RedisResult, cmd};

use super::Server;

/// All keys of a server at one moment.
pub struct Snapshot(Vec<(Vec<u8>, u64, Vec<u8>)>);

impl Server {
    /// Takes all keys with their values and the time they have left.
    pub async fn snapshot(&self) -> Snapshot {
        let mut connection = self.connection().await;
        let keys: Vec<Vec<u8>> = cmd("KEYS")
            .arg("*")
            .query_async(&mut connection)
            .await
            .unwrap();
        let mut all = Vec::new();
        for key in keys {
            let left: RedisResult<i64> = cmd("PTTL").arg(&key).query_async(&mut connection).await;
            let value: Option<Vec<u8>> = cmd("DUMP")
                .arg(&key)
                .query_async(&mut connection)
                .await
                .unwrap();
            // Some end between the one question and the other.
            if let (Ok(left), Some(value)) = (u64::try_from(left.unwrap()), value) {
                all.push((key, left, value));
            }
        }
        Snapshot(all)
    }

    /// Puts the keys of that moment in place of those of now, as a backup or a replica that was behind does.
    pub async fn restore(&self, snapshot: &Snapshot) {
        let mut connection = self.connection().await;
        cmd("FLUSHALL").exec_async(&mut connection).await.unwrap();
        for (key, left, value) in &snapshot.0 {
            let mut restore = cmd("RESTORE");
            restore.arg(key).arg(left).arg(value);
            restore.exec_async(&mut connection).await.unwrap();
        }
    }
}

impl Snapshot {
    /// How many keys there were.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}
