//! A throwaway PostgreSQL: one server per test process, one database per test.

mod server;

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};

use server::Server;
pub use server::binary;

/// The URL of a superuser on a server to use instead of starting one; it ends without a database's name.
const VARIABLE: &str = "TEST_POSTGRES_URL";
/// Nothing here has to survive the machine.
const NOT_DURABLE: [&str; 3] = [
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
];
const START: Duration = Duration::from_mins(1);

/// The URL of a new, empty database.
///
/// # Panics
/// When PostgreSQL is missing or does not start: a suite that skips it proves less than it says.
pub async fn database() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = server_url();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("accountd_{}_{number}", std::process::id());
    let admin = connect(&format!("{server}/postgres")).await;
    for statement in ["drop database if exists", "create database"] {
        admin
            .execute_unprepared(&format!("{statement} {name}"))
            .await
            .expect("a new database");
    }
    admin.close().await.expect("close");
    format!("{server}/{name}")
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the test server is can only be said by the environment"
)]
fn server_url() -> String {
    std::env::var(VARIABLE).map_or_else(
        |_| {
            static SERVER: OnceLock<Server> = OnceLock::new();
            SERVER.get_or_init(|| Server::start(&NOT_DURABLE)).url()
        },
        |url| url.trim_end_matches('/').to_owned(),
    )
}

/// Patient, since a server that was just started refuses at first.
async fn connect(url: &str) -> DatabaseConnection {
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
        .unwrap_or_else(|_| panic!("PostgreSQL does not answer at {url} within {START:?}"))
}
