//! accountd as processes of its own: several on the same real engines, or one on those that are embedded.
//!
//! Each engine is behind proxies that can fail, one for each node, and each process can be killed, stopped and started
//! again.

mod node;
mod orders;
mod outside;

use std::{
    process::{Command, ExitStatus},
    time::Duration,
};

pub use node::Node;
pub use orders::Orders;
pub use outside::Outside;

use super::{binary, service::Engines};

/// Settings that tests want: no limits on how often something may be tried, the cheapest password hash that is
/// accepted, and pictures that a busy machine may take its time to decode.
const SETTINGS: [(&str, &str); 8] = [
    ("ACCOUNTD_LIMITS__ADDRESS_BURST", "0"),
    ("ACCOUNTD_LIMITS__LOGIN_BURST", "0"),
    ("ACCOUNTD_LIMITS__ACCOUNT_BURST", "0"),
    ("ACCOUNTD_LIMITS__PICTURE_BURST", "0"),
    ("ACCOUNTD_LIMITS__REALM_BURST", "0"),
    ("ACCOUNTD_PASSWORDS__MEMORY_KIB", "7168"),
    ("ACCOUNTD_PASSWORDS__PASSES", "5"),
    ("ACCOUNTD_PICTURES__DECODE_TIME", "1m"),
];

/// Nodes and what they stand on. All processes end when it is dropped.
pub struct Cluster {
    nodes: Vec<Node>,
    outside: Option<Outside>,
}

impl Cluster {
    /// Nodes that serve, with these variables beside the usual ones.
    pub async fn start(engines: Engines, nodes: usize, variables: &[(&str, &str)]) -> Self {
        let mut cluster = Self::prepare(engines, nodes, variables).await;
        for number in 0..nodes {
            cluster.restart(number).await;
        }
        cluster
    }

    /// The same with all processes still to be started.
    ///
    /// # Panics
    /// When several nodes are to share engines that are embedded in one process.
    pub async fn prepare(engines: Engines, nodes: usize, variables: &[(&str, &str)]) -> Self {
        let settings: Vec<(String, String)> = SETTINGS
            .iter()
            .chain(variables)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        match engines {
            Engines::Embedded => {
                assert_eq!(nodes, 1, "embedded engines are for one node");
                Self {
                    nodes: vec![Node::embedded(settings)],
                    outside: None,
                }
            }
            Engines::Production => {
                let outside = Outside::start().await;
                let mut made = Vec::new();
                for _ in 0..nodes {
                    made.push(Node::on(&outside, settings.clone()).await);
                }
                Self {
                    nodes: made,
                    outside: Some(outside),
                }
            }
        }
    }

    /// One of the nodes.
    pub fn node(&self, number: usize) -> &Node {
        &self.nodes[number]
    }

    /// All of them.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// What they share.
    ///
    /// # Panics
    /// When the engines are embedded.
    pub fn outside(&self) -> &Outside {
        self.outside.as_ref().expect("production's engines")
    }

    /// Kills a node at once, as if the machine had failed.
    pub fn kill(&mut self, number: usize) {
        self.nodes[number].kill();
    }

    /// Whether a node's process has ended.
    pub fn has_ended(&mut self, number: usize) -> bool {
        self.nodes[number].has_ended()
    }

    /// Makes a node stand still, with all that it has open.
    pub async fn stop(&self, number: usize) {
        self.nodes[number].stop().await;
    }

    /// Makes it go on.
    pub fn resume(&self, number: usize) {
        self.nodes[number].signal("CONT");
    }

    /// Asks a node to end, and waits until it has.
    pub async fn terminate(&mut self, number: usize) -> ExitStatus {
        self.nodes[number].terminate().await
    }

    /// Waits until a node has ended by itself.
    pub async fn died(&mut self, number: usize) {
        self.nodes[number].died().await;
    }

    /// Starts a node, again or for the first time, at the same address and with the same data. How long it took until it
    /// said that it serves.
    pub async fn restart(&mut self, number: usize) -> Duration {
        let began = tokio::time::Instant::now();
        self.launch(number).await;
        self.nodes[number].serves().await;
        began.elapsed()
    }

    /// Starts a node, and waits for nothing but that it listens.
    pub async fn launch(&mut self, number: usize) {
        self.launch_by(number, Command::new(binary::built())).await;
    }

    /// Starts a node by a command that runs it in its own process, and waits for nothing but that it listens.
    pub async fn launch_by(&mut self, number: usize, command: Command) {
        self.nodes[number].launch(command).await;
    }
}
