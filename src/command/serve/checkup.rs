//! Health that follows what the service depends on.

use std::{fmt::Display, sync::Arc, time::Duration};

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::{
    app::App,
    backend::Mailer,
    metrics::{self, Dependency},
};

/// How often SQL and the key-value store are asked.
const EVERY: Duration = Duration::from_secs(1);
/// How often the mail relay and the store of pictures are asked: few calls need them, and they may count connections.
const SLOW_EVERY: Duration = Duration::from_secs(30);
/// How soon they are asked again when they did not answer.
const SLOW_AGAIN: Duration = Duration::from_secs(5);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long `NOT_SERVING` stands before connections are drained, so that balancers see it.
const NOTICE: Duration = Duration::from_millis(500);

/// The whole server: it serves while SQL answers, since whatever else fails, SQL decides.
const SERVER: &str = "";
/// The contract's service; as the whole server.
const ACCOUNTS: &str = "accountd.v1.AccountService";
/// The operators' service, on their own listener; as the whole server.
const OPERATORS: &str = "accountd.v1.AdminService";
/// SQL alone.
const SQL: &str = "accountd.sql";
/// The key-value store alone: without it codes are refused, all else goes on.
const KV: &str = "accountd.kv";
/// The mail relay alone: without it mails wait in the outbox.
const MAIL: &str = "accountd.mail";
/// The store of pictures alone: without it pictures are refused, all else goes on.
const PICTURES: &str = "accountd.pictures";
const ALL: [&str; 7] = [SERVER, ACCOUNTS, OPERATORS, SQL, KV, MAIL, PICTURES];

/// Keeps health up to date until `draining`, then turns all of it to `NOT_SERVING` and gives balancers time to see it.
pub(super) async fn run(
    app: Arc<App>,
    mailer: Mailer,
    reporter: HealthReporter,
    ready: CancellationToken,
    draining: CancellationToken,
) {
    tokio::join!(
        follow_engines(&app, Board::new(&reporter), &ready, &draining),
        follow_slowly(
            (MAIL, Dependency::Mail),
            || mailer.probe(),
            Board::new(&reporter),
            &draining
        ),
        follow_slowly(
            (PICTURES, Dependency::Pictures),
            || app.objects.probe(),
            Board::new(&reporter),
            &draining
        ),
    );
    let mut board = Board::new(&reporter);
    for service in ALL {
        board.set(service, false).await;
    }
    tokio::time::sleep(NOTICE).await;
}

/// Ends the streams of those who watch health: a drain would wait for them.
pub(super) async fn end_watches(mut reporter: HealthReporter) {
    for service in ALL {
        reporter.clear_service_status(service).await;
    }
}

async fn follow_engines(
    app: &App,
    mut board: Board,
    ready: &CancellationToken,
    draining: &CancellationToken,
) {
    while !draining.is_cancelled() {
        let sql = ready.is_cancelled() && answers(app.db.ping()).await;
        metrics::dependency_answered(Dependency::Sql, sql);
        board.set(SQL, sql).await;
        board.set(SERVER, sql).await;
        board.set(ACCOUNTS, sql).await;
        board.set(OPERATORS, sql).await;
        let kv = answers(app.kv.ping()).await;
        metrics::dependency_answered(Dependency::Kv, kv);
        board.set(KV, kv).await;
        tokio::select! {
            () = draining.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
            // The first word of the database is told at once.
            () = ready.cancelled(), if !sql => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Apart from the engines, since such a service may take its time to answer.
async fn follow_slowly<E: Display, F: Future<Output = Result<(), E>>>(
    (service, dependency): (&'static str, Dependency),
    probe: impl Fn() -> F,
    mut board: Board,
    draining: &CancellationToken,
) {
    let mut answered = true;
    let follow = async {
        loop {
            let answer = probe().await;
            if let (Err(error), true) = (&answer, answered) {
                tracing::warn!(service, %error, "does not answer");
            }
            answered = answer.is_ok();
            metrics::dependency_answered(dependency, answered);
            board.set(service, answered).await;
            let wait = if answered { SLOW_EVERY } else { SLOW_AGAIN };
            tokio::time::sleep(wait).await;
        }
    };
    tokio::select! {
        () = draining.cancelled() => {}
        () = follow => {}
    }
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
    fn new(reporter: &HealthReporter) -> Self {
        Self {
            reporter: reporter.clone(),
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
