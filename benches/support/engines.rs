//! PostgreSQL and Redis for a bench alone, with the durability that they have by default.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};

use super::postgres::Server;

/// How long a server may take to answer.
const START: Duration = Duration::from_mins(1);
/// Starts Redis and ends it when standard input closes, which it does however the bench ends.
const GUARD: &str = r#"trap '' INT TERM HUP; redis-server "$@" >&2 & server=$!; read -r _; kill $server; wait $server"#;

/// Both, ended when dropped.
pub(crate) struct Engines {
    postgres: Server,
    redis: String,
    _guard: Child,
}

impl Engines {
    pub(crate) async fn start() -> Self {
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
        let engines = Self {
            postgres: Server::start(&[]),
            redis: format!("redis://127.0.0.1:{port}"),
            _guard: guard,
        };
        let client = redis::Client::open(engines.redis()).unwrap();
        let up = async {
            while client.get_multiplexed_async_connection().await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(START, up)
            .await
            .expect("redis-server does not come up");
        engines
    }

    /// Where Redis is.
    pub(crate) fn redis(&self) -> &str {
        &self.redis
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
            ("ACCOUNTD_KV__URLS", &self.redis),
            ("ACCOUNTD_KV__PREFIX", name),
        ]
    }
}

/// A connection for orders of the bench. Patient, since a server that was just started refuses at first.
pub(crate) async fn connect(url: &str) -> DatabaseConnection {
    let tries = async {
        loop {
            let mut options = ConnectOptions::new(url);
            options.max_connections(1).sqlx_logging(false);
            if let Ok(db) = Database::connect(options).await {
                return db;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(START, tries)
        .await
        .expect("PostgreSQL does not come up")
}
