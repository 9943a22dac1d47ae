//! A master with a replica and a sentinel that watches both.

use std::{collections::HashMap, time::Duration};

use redis::cmd;
use tempfile::TempDir;

use super::{Server, free_port};

/// A master named `main`, its replica, and their sentinel.
pub struct Watched {
    master: Server,
    _replica: Server,
    sentinel: Server,
}

impl Watched {
    /// A set in which a failover is possible.
    pub async fn start() -> Self {
        let master = Server::start().await;
        let port = master.port().to_string();
        let replica = Server::start_with(&["--replicaof", "127.0.0.1", &port]).await;
        let sentinel = watch(&master).await;
        let set = Self {
            master,
            _replica: replica,
            sentinel,
        };
        set.sees_replica().await;
        set
    }

    /// The address of the sentinel.
    pub fn url(&self) -> String {
        self.sentinel.url()
    }

    /// Makes the master fail; the sentinel needs a while to see it.
    pub fn kill_master(&mut self) {
        self.master.kill();
    }

    /// Makes the sentinel ask new connections for `password`.
    pub async fn set_password(&self, password: &str) {
        let mut set = cmd("ACL");
        set.arg("SETUSER").arg("default").arg("resetpass");
        set.arg(format!(">{password}"));
        let mut connection = self.sentinel.connection().await;
        set.exec_async(&mut connection).await.unwrap();
    }

    async fn sees_replica(&self) {
        let mut connection = self.sentinel.connection().await;
        for _ in 0..400 {
            let mut ask = cmd("SENTINEL");
            ask.arg("REPLICAS").arg("main");
            let replicas: Vec<HashMap<String, String>> =
                ask.query_async(&mut connection).await.unwrap();
            if replicas
                .iter()
                .any(|one| one["flags"] == "slave" && one["master-link-status"] == "ok")
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the sentinel does not find the replica");
    }
}

async fn watch(master: &Server) -> Server {
    let dir = TempDir::new().unwrap();
    let port = free_port();
    let rules = format!(
        "bind 127.0.0.1\n\
         port {port}\n\
         sentinel monitor main 127.0.0.1 {} 1\n\
         sentinel down-after-milliseconds main 300\n\
         sentinel failover-timeout main 3000\n",
        master.port()
    );
    std::fs::write(dir.path().join("sentinel.conf"), rules).unwrap();
    let mut sentinel = Server::spawn(dir, port, &["sentinel.conf", "--sentinel"]);
    assert!(sentinel.is_up().await, "the sentinel does not come up");
    sentinel
}
