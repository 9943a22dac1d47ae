//! A Redis Cluster of three masters.

use std::time::Duration;

use redis::cmd;

use super::Server;

/// Three masters that share the slots.
pub struct Cluster {
    nodes: Vec<Server>,
}

impl Cluster {
    /// A cluster that is ready to serve.
    pub async fn start() -> Self {
        let mut nodes = Vec::new();
        for _ in 0..3 {
            nodes.push(Server::start_with(&["--cluster-enabled", "yes"]).await);
        }
        let slots = [(0, 5460), (5461, 10922), (10923, 16383)];
        for ((epoch, node), (first, last)) in (1..).zip(&nodes).zip(slots) {
            let mut connection = node.connection().await;
            let mut add = cmd("CLUSTER");
            add.arg("ADDSLOTSRANGE").arg(first).arg(last);
            add.exec_async(&mut connection).await.unwrap();
            let mut set = cmd("CLUSTER");
            set.arg("SET-CONFIG-EPOCH").arg(epoch);
            set.exec_async(&mut connection).await.unwrap();
            let mut meet = cmd("CLUSTER");
            meet.arg("MEET").arg("127.0.0.1").arg(nodes[0].port());
            meet.exec_async(&mut connection).await.unwrap();
        }
        for node in &nodes {
            join(node).await;
        }
        Self { nodes }
    }

    /// Its nodes.
    pub fn nodes(&self) -> &[Server] {
        &self.nodes
    }

    /// The addresses of its nodes.
    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(Server::url).collect()
    }
}

async fn join(node: &Server) {
    let mut connection = node.connection().await;
    for _ in 0..400 {
        let mut info = cmd("CLUSTER");
        let info: String = info.arg("INFO").query_async(&mut connection).await.unwrap();
        if info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the cluster does not come together");
}
