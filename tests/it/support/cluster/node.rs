//! One process of a cluster.

use std::{
    path::PathBuf,
    process::{Command, ExitStatus},
    sync::Arc,
    time::Duration,
};

use accountd::proto::account_service_client::AccountServiceClient;
use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};

use super::{
    super::{
        client::Client,
        health::{SERVICE, ServingStatus, becomes},
        mailbox::Mailbox,
        served::Served,
        tcp_proxy::TcpProxy,
    },
    Orders, Outside,
};

/// The longest drain that is allowed, on a machine with other things to do.
const DRAIN: Duration = Duration::from_secs(45);

/// A process, or the place of one.
pub struct Node {
    directory: Arc<TempDir>,
    variables: Vec<(String, String)>,
    address: String,
    served: Option<Served>,
    channel: Option<Channel>,
    mailbox: Mailbox,
    orders: Orders,
    sql: Option<TcpProxy>,
    kv: Option<TcpProxy>,
}

impl Node {
    /// One on SQLite and memory, with its mails in files.
    pub(super) fn embedded(variables: Vec<(String, String)>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mailbox = Mailbox::Files(directory.path().join("data/mail"));
        Self::new(directory, variables, mailbox)
    }

    /// One on shared engines, each behind a proxy.
    pub(super) async fn on(outside: &Outside, settings: Vec<(String, String)>) -> Self {
        let (sql, store_url) = TcpProxy::before_url(&outside.database).await;
        let (kv, kv_url) = TcpProxy::before_url(&outside.redis.url()).await;
        let mut variables = outside.variables(&store_url, &kv_url);
        variables.extend(settings);
        let mailbox = Mailbox::Relay(outside.relay.clone());
        let mut node = Self::new(tempfile::tempdir().unwrap(), variables, mailbox);
        (node.sql, node.kv) = (Some(sql), Some(kv));
        node
    }

    fn new(directory: TempDir, variables: Vec<(String, String)>, mailbox: Mailbox) -> Self {
        Self {
            orders: Orders::inside(directory.path()),
            directory: Arc::new(directory),
            variables,
            address: String::from("127.0.0.1:0"),
            served: None,
            channel: None,
            mailbox,
            sql: None,
            kv: None,
        }
    }

    /// Between it and the database.
    ///
    /// # Panics
    /// When the engines are embedded.
    pub fn sql(&self) -> &TcpProxy {
        self.sql.as_ref().expect("a database of its own process")
    }

    /// Between it and Redis.
    ///
    /// # Panics
    /// When the engines are embedded.
    pub fn kv(&self) -> &TcpProxy {
        self.kv.as_ref().expect("a Redis")
    }

    /// The process.
    ///
    /// # Panics
    /// When it does not run.
    pub fn served(&self) -> &Served {
        self.served.as_ref().expect("a running node")
    }

    /// A connection that is made anew whenever it was lost. While the process stands still, calls wait: give them a
    /// deadline.
    ///
    /// # Panics
    /// When it was never started.
    pub fn channel(&self) -> Channel {
        self.channel.clone().expect("a node that was started")
    }

    /// A client without a token, in the realm `default`.
    pub fn client(&self) -> Client {
        self.client_of("default")
    }

    /// A client without a token, in `realm`.
    pub fn client_of(&self, realm: &str) -> Client {
        let rpc = AccountServiceClient::new(self.channel());
        Client::new(rpc, realm, self.mailbox.clone())
    }

    /// What it has logged so far, over all its starts.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("stderr")).unwrap_or_default()
    }

    /// Waits until it says that it serves, and tells how long that took.
    pub async fn serves(&self) -> Duration {
        becomes(&self.channel(), SERVICE, ServingStatus::Serving).await
    }

    pub(super) async fn launch(&mut self, command: Command) {
        self.kill();
        let orders = self.orders.path().display().to_string();
        let mut variables: Vec<(&str, &str)> = vec![
            ("ACCOUNTD_GRPC__LISTEN", &self.address),
            ("TEST_FAULTS", &orders),
        ];
        let own = self.variables.iter();
        variables.extend(own.map(|(name, value)| (name.as_str(), value.as_str())));
        let served = Served::start_in(Arc::clone(&self.directory), command, &variables).await;
        self.address.clone_from(&served.address);
        self.served = Some(served);
        if self.channel.is_none() {
            let endpoint = Endpoint::from_shared(format!("http://{}", self.address)).unwrap();
            let endpoint = endpoint.connect_timeout(Duration::from_secs(2));
            self.channel = Some(endpoint.connect_lazy());
        }
    }

    /// What is to go wrong in it.
    pub const fn orders(&self) -> &Orders {
        &self.orders
    }

    /// Tells the process what is to go wrong in it, in place of what it was told before.
    pub fn order(&self, text: &str) {
        self.orders.write(text);
    }

    /// Where it keeps its data.
    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Whether the process has ended, or was never started.
    pub(super) fn has_ended(&mut self) -> bool {
        self.served.as_mut().is_none_or(Served::has_ended)
    }

    pub(super) fn kill(&mut self) {
        self.served = None;
    }

    pub(super) fn signal(&self, name: &str) {
        self.served().signal(name);
    }

    /// The signal alone returns before every thread has come to a halt.
    pub(super) async fn stop(&self) {
        self.signal("STOP");
        let tasks = format!("/proc/{}/task", self.served().id());
        let stands = || {
            let tasks = std::fs::read_dir(&tasks).unwrap();
            tasks.filter_map(Result::ok).all(|task| {
                let told = std::fs::read_to_string(task.path().join("stat")).unwrap_or_default();
                // The state stands behind the name, which is in brackets.
                let (_, rest) = told.rsplit_once(") ").unwrap_or_default();
                rest.starts_with('T')
            })
        };
        while !stands() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Waits until it has ended by itself.
    pub(super) async fn died(&mut self) {
        let mut served = self.served.take().expect("a running node");
        served.ended(DRAIN).await;
    }

    pub(super) async fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM");
        let mut served = self.served.take().expect("a running node");
        served.ended(DRAIN).await
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let last = lines.len().saturating_sub(60);
            println!("the end of a node's log:\n{}", lines[last..].join("\n"));
        }
    }
}
