//! PostgreSQL and Redis for a bench alone, with the durability that they have by default.

use std::{
    future::Future,
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};

use super::postgres::Server;

/// How long a server may take to answer.
const START: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(20);
const TRIES: u32 = 3;
/// Starts Redis and ends it when standard input closes, which it does however the bench ends.
const GUARD: &str = r#"trap '' INT TERM HUP; redis-server "$@" >&2 & server=$!; read -r _; kill $server; wait $server"#;

/// Both, ended when dropped.
pub(crate) struct Engines {
    postgres: Server,
    redis: Redis,
}

struct Redis {
    url: String,
    guard: Child,
}

impl Engines {
    pub(crate) async fn start() -> Self {
        Self {
            redis: redis().await,
            postgres: postgres().await,
        }
    }

    /// Where Redis is.
    pub(crate) fn redis(&self) -> &str {
        &self.redis.url
    }

    /// The URL of a new database.
    pub(crate) async fn database(&self, name: &str) -> String {
        let admin = connect(&format!("{}/postgres", self.postgres.url())).await;
        admin
            .execute_unprepared(&format!("CREATE DATABASE {name}"))
            .await
            .unwrap();
        admin.close().await.unwrap();
        format!("{}/{name}", self.postgres.url())
    }

    /// What makes accountd use that database, and Redis under keys of its own.
    pub(crate) fn settings<'a>(&'a self, database: &'a str) -> [(&'a str, &'a str); 5] {
        let (_, name) = database.rsplit_once('/').unwrap();
        [
            ("ACCOUNTD_STORE__URL", database),
            ("ACCOUNTD_STORE__MIGRATE", "always"),
            ("ACCOUNTD_KV__KIND", "redis"),
            ("ACCOUNTD_KV__URLS", self.redis()),
            ("ACCOUNTD_KV__PREFIX", name),
        ]
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// Between the choice of a port and its use, somebody else may take it: then another is tried.
async fn redis() -> Redis {
    for _ in 0..TRIES {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        drop(listener);
        let guard = Command::new("sh")
            .args(["-c", GUARD, "sh", "--bind", "127.0.0.1", "--port", &port])
            .args(["--save", "", "--appendonly", "no", "--dir", "/tmp"])
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let redis = Redis {
            url: format!("redis://127.0.0.1:{port}"),
            guard,
        };
        let client = redis::Client::open(redis.url.as_str()).unwrap();
        if comes_up(|| client.get_multiplexed_async_connection())
            .await
            .is_some()
        {
            return redis;
        }
    }
    panic!("redis-server does not come up")
}

async fn postgres() -> Server {
    for _ in 0..TRIES {
        let server = Server::start(&[]);
        let url = format!("{}/postgres", server.url());
        if comes_up(|| Database::connect(options(&url)))
            .await
            .is_some()
        {
            return server;
        }
    }
    panic!("PostgreSQL does not come up")
}

/// A connection to a server that was just started and refuses at first; none when it goes on refusing.
async fn comes_up<T, E, F: Future<Output = Result<T, E>>>(connect: impl Fn() -> F) -> Option<T> {
    let tries = async {
        loop {
            if let Ok(connection) = connect().await {
                return connection;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(START, tries).await.ok()
}

/// A connection for orders of the bench.
pub(crate) async fn connect(url: &str) -> DatabaseConnection {
    Database::connect(options(url)).await.unwrap()
}

fn options(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    options
}
