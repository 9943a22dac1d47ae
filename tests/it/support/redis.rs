//! Real Redis servers on free loopback ports. A missing `redis-server` fails the test; it is never a reason to skip.

use std::{
    fs::File,
    net::TcpListener,
    process::{Child, Command},
    time::Duration,
};

use redis::{Client, aio::MultiplexedConnection, cmd};
use tempfile::TempDir;

mod cluster;
mod sentinel;
mod snapshot;
mod tls;

pub use cluster::Cluster;
pub use sentinel::Watched;
pub use tls::Secured;

/// A running `redis-server`, stopped when dropped.
pub struct Server {
    child: Child,
    dir: TempDir,
    port: u16,
}

/// The URL of one server that all tests of this process share, each under a prefix of its own.
///
/// It ends when standard input closes, which it does however the test process dies.
pub async fn shared_url() -> String {
    static SHARED: tokio::sync::OnceCell<(String, Child)> = tokio::sync::OnceCell::const_new();
    let (url, _) = SHARED.get_or_init(start_shared).await;
    url.clone()
}

#[expect(clippy::zombie_processes, reason = "it lives as long as this process")]
async fn start_shared() -> (String, Child) {
    const GUARD: &str = r#"trap '' INT TERM HUP; redis-server "$@" >&2 & server=$!; read -r _; kill $server; wait $server"#;
    let port = free_port();
    let number = port.to_string();
    let guard = Command::new("sh")
        .args(["-c", GUARD, "sh", "--bind", "127.0.0.1", "--port", &number])
        .args(["--save", "", "--appendonly", "no"])
        .args(["--maxmemory-policy", "noeviction", "--dir", "/tmp"])
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let url = format!("redis://127.0.0.1:{port}");
    for _ in 0..400 {
        if connect(&url).await.is_ok() {
            return (url, guard);
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("redis-server does not come up: these tests need Redis 7 or later")
}

impl Server {
    /// A server without persistence that refuses to evict.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with further `arguments`, which win over the usual ones.
    pub async fn start_with(arguments: &[&str]) -> Self {
        // Between the choice of a port and its use, another test may take it.
        for _ in 0..10 {
            let port = free_port();
            if let Some(server) = Self::try_start(port, arguments).await {
                return server;
            }
        }
        panic!("redis-server does not come up on any port");
    }

    /// A server on a port chosen before, for tests in which it comes late.
    pub async fn start_on(port: u16) -> Self {
        let server = Self::try_start(port, &[]).await;
        server.unwrap_or_else(|| panic!("redis-server does not come up on port {port}"))
    }

    async fn try_start(port: u16, arguments: &[&str]) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let number = port.to_string();
        let mut all = vec!["--bind", "127.0.0.1", "--port", &number];
        all.extend(["--save", "", "--appendonly", "no"]);
        all.extend(["--maxmemory-policy", "noeviction"]);
        all.extend(arguments);
        let mut server = Self::spawn(dir, port, &all);
        server.is_up().await.then_some(server)
    }

    fn spawn(dir: TempDir, port: u16, arguments: &[&str]) -> Self {
        let log = File::create(dir.path().join("log")).unwrap();
        let child = Command::new("redis-server")
            .current_dir(dir.path())
            .args(arguments)
            .stdout(log)
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "cannot run redis-server ({error}): these tests need Redis 7 or later, for instance from \
                     apt-get install redis-server"
                )
            });
        Self { child, dir, port }
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address, without credentials.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// A connection beside those of the code under test.
    pub async fn connection(&self) -> MultiplexedConnection {
        connect(&self.url()).await.unwrap()
    }

    /// Stops it at once, as if the machine had failed.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    async fn is_up(&mut self) -> bool {
        for _ in 0..200 {
            if self.child.try_wait().unwrap().is_some() {
                let log = std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
                let last = log.trim_end().lines().next_back().unwrap_or_default();
                println!("redis-server stopped on port {}: {last}", self.port);
                return false;
            }
            if let Ok(mut connection) = connect(&self.url()).await {
                // A server that asks for a password is up, too.
                let answer = cmd("PING").exec_async(&mut connection).await;
                if !answer.is_err_and(|error| error.is_io_error()) {
                    return true;
                }
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A loopback port that nobody listens on, low enough for a cluster, whose bus takes the port 10,000 above.
pub fn free_port() -> u16 {
    for _ in 0..1000 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        if port < 55_535 && TcpListener::bind(("127.0.0.1", port + 10_000)).is_ok() {
            return port;
        }
    }
    panic!("no free port below 55535");
}

async fn connect(url: &str) -> redis::RedisResult<MultiplexedConnection> {
    let client = Client::open(url)?;
    client.get_multiplexed_async_connection().await
}
