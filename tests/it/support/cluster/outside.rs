//! What the nodes of a cluster share.

use accountd::{
    backend::{Clock, Random},
    keys::{self, Algorithm},
};
use accountd_migrations::{Migrator, MigratorTrait as _};
use sea_orm::{Database, DatabaseConnection};
use tempfile::TempDir;

use super::super::{
    postgres, redis,
    smtp::{Protection, Relay},
    tcp_proxy::TcpProxy,
};

/// Real engines, reached directly: nodes have proxies of their own in front of them.
pub struct Outside {
    /// The URL of the database, whose schema is up to date.
    pub database: String,
    pub redis: redis::Server,
    pub relay: Relay,
    /// Between all nodes and the relay.
    pub mail: TcpProxy,
    /// Keys and pictures.
    files: TempDir,
}

impl Outside {
    pub(super) async fn start() -> Self {
        let outside = Self {
            database: postgres::database().await,
            redis: redis::Server::start().await,
            relay: Relay::start(Protection::None).await,
            mail: TcpProxy::before("127.0.0.1", 1).await,
            files: tempfile::tempdir().unwrap(),
        };
        outside.mail.redirect(outside.relay.port);
        let db = outside.sql().await;
        Migrator::up(&db, None).await.unwrap();
        db.close().await.unwrap();
        let (directory, now) = (outside.file("keys"), Clock::System.now());
        keys::generate_missing(
            std::path::Path::new(&directory),
            Algorithm::EdDsa,
            now,
            &Random::System,
        )
        .unwrap();
        outside
    }

    /// Connections to the database that no fault touches.
    pub async fn sql(&self) -> DatabaseConnection {
        Database::connect(&self.database).await.unwrap()
    }

    /// The settings of a node that reaches the engines by these URLs.
    pub(super) fn variables(&self, sql: &str, kv: &str) -> Vec<(String, String)> {
        let port = self.mail.port.to_string();
        let (keys, pictures) = (self.file("keys"), self.file("pictures"));
        [
            ("ACCOUNTD_STORE__URL", sql),
            ("ACCOUNTD_STORE__MIGRATE", "never"),
            ("ACCOUNTD_KV__KIND", "redis"),
            ("ACCOUNTD_KV__URLS", kv),
            ("ACCOUNTD_MAIL__KIND", "smtp"),
            ("ACCOUNTD_MAIL__SMTP_HOST", "127.0.0.1"),
            ("ACCOUNTD_MAIL__SMTP_PORT", &port),
            ("ACCOUNTD_MAIL__SMTP_SECURITY", "none"),
            ("ACCOUNTD_MAIL__FROM", "accountd <no-reply@example.com>"),
            ("ACCOUNTD_KEYS__DIRECTORY", &keys),
            ("ACCOUNTD_PICTURES__DIRECTORY", &pictures),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// The key directory that all nodes read.
    pub fn keys(&self) -> String {
        self.file("keys")
    }

    fn file(&self, name: &str) -> String {
        self.files.path().join(name).display().to_string()
    }
}
