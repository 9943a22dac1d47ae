//! Health that follows what the service depends on.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::{app::App, backend::Mailer};

/// How often SQL and the key-value store are asked.
const EVERY: Duration = Duration::from_secs(1);
/// How often the mail relay is asked: it is not on the path of any call, and may count connections.
const MAIL_EVERY: Duration = Duration::from_secs(30);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long `NOT_SERVING` stands before connections are drained, so that balancers see it.
const NOTICE: Duration = Duration::from_millis(500);

/// The whole server: it serves while SQL answers, since whatever else fails, SQL decides.
const SERVER: &str = "";
/// The contract's service; as the whole server.
const ACCOUNTS: &str = "accountd.v1.AccountService";
/// SQL alone.
const SQL: &str = "accountd.sql";
/// The key-value store alone: without it codes are refused, all else goes on.
const KV: &str = "accountd.kv";
/// The mail relay alone: without it mails wait in the outbox.
const MAIL: &str = "accountd.mail";

/// Keeps health up to date until `draining`, then turns all of it to `NOT_SERVING` and returns.
pub(super) async fn run(
    app: Arc<App>,
    mailer: Mailer,
    reporter: HealthReporter,
    ready: CancellationToken,
    draining: CancellationToken,
) {
    let mut board = Board::new(reporter);
    let mut mail_due = Instant::now();
    while !draining.is_cancelled() {
        let sql = ready.is_cancelled() && answers(app.db.ping()).await;
        board.set(SQL, sql).await;
        board.set(SERVER, sql).await;
        board.set(ACCOUNTS, sql).await;
        board.set(KV, answers(app.kv.ping()).await).await;
        if Instant::now() >= mail_due {
            board.set(MAIL, mailer.probe().await.is_ok()).await;
            mail_due = Instant::now() + MAIL_EVERY;
        }
        tokio::select! {
            () = draining.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
            // The first word of the database is told at once.
            () = ready.cancelled(), if !sql => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    for service in [SERVER, ACCOUNTS, SQL, KV, MAIL] {
        board.set(service, false).await;
    }
    tokio::time::sleep(NOTICE).await;
}

async fn answers<E>(question: impl Future<Output = Result<(), E>>) -> bool {
    matches!(timeout(PATIENCE, question).await, Ok(Ok(())))
}

/// What has been told, so that only changes are logged.
struct Board {
    reporter: HealthReporter,
    told: std::collections::BTreeMap<&'static str, bool>,
}

impl Board {
    const fn new(reporter: HealthReporter) -> Self {
        Self {
            reporter,
            told: std::collections::BTreeMap::new(),
        }
    }

    async fn set(&mut self, service: &'static str, serves: bool) {
        if self.told.insert(service, serves) == Some(serves) {
            return;
        }
        let status = if serves {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        };
        tracing::info!(service, %status, "health");
        self.reporter.set_service_status(service, status).await;
    }
}
