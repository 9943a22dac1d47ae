//! `accountd serve`: open everything, serve until told to stop, finish what has begun.

mod admin;
mod announce;
mod checkup;
pub mod housekeeping;
mod log;
mod metrics;
pub mod open;
mod reload;
pub mod rest;
pub(super) mod schema;
mod shutdown;
mod traces;
pub mod workers;

use std::{process::ExitCode, sync::Arc};

use anyhow::Context as _;
use tokio::{net::TcpListener, sync::Mutex, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tonic_health::server::HealthReporter;
use workers::keep;

use crate::{
    app::App,
    backend::Mailer,
    codes,
    config::{Origin, Settings},
    grpc,
    mails::deliver::{self, Delivery},
};
use admin::Admin;
use metrics::Metrics;

/// Serves until SIGTERM or SIGINT. The default command.
///
/// The configuration is read again when its file changes, and on SIGHUP.
pub fn run(origin: Origin) -> anyhow::Result<ExitCode> {
    let text = origin.text();
    let known = text.as_ref().map(String::clone).ok();
    let settings = origin
        .read(text)
        .map_err(|faults| anyhow::anyhow!("{faults}"))?;
    let filter = log::start(&settings.log)?;
    if cfg!(feature = "faults") {
        tracing::warn!("built for tests: whoever can set TEST_FAULTS can break it");
    }
    for warning in settings.warnings() {
        tracing::warn!(key = warning.key, "{}", warning.message);
    }
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(traces::during(
            &settings.traces,
            serve(
                &settings,
                Sources {
                    origin,
                    known,
                    filter,
                },
            ),
        ))?;
    Ok(ExitCode::SUCCESS)
}

/// What the configuration is read again from, and where the level of the log is set.
struct Sources {
    origin: Origin,
    known: Option<String>,
    filter: log::Filter,
}

async fn serve(settings: &Settings, sources: Sources) -> anyhow::Result<()> {
    let stop = shutdown::requested()?;
    // From here on the signal ends nothing.
    let _hangups = reload::signals(&sources.origin)?;
    // First of all, so that nothing is left uncounted.
    let metrics = Metrics::bind(settings.metrics.listen).await?;
    let (app, mailer) = open::app(settings).await?;
    let app = Arc::new(app);
    // Bound before the schema is looked at, so that a taken port is told at once.
    let listener = TcpListener::bind(settings.grpc.listen)
        .await
        .with_context(|| format!("cannot listen on {}", settings.grpc.listen))?;
    let address = listener.local_addr()?;
    let draining = CancellationToken::new();
    let closing = CancellationToken::new();
    let ended = CancellationToken::new();
    let (reporter, health) = tonic_health::server::health_reporter();
    let admin = Admin::bind(settings, &app, health.clone()).await?;
    let edge = grpc::routes(&app, &settings.grpc, health);
    let listeners = rest::bind(settings, &app.clock, &edge).await?;
    let schema = schema::bring_up(&app.db, settings, &stop).await?;
    let checkup = Checkup {
        reporter: reporter.clone(),
        task: tokio::spawn(keep("checkup", draining.clone(), {
            let (app, mailer) = (Arc::clone(&app), mailer.clone());
            let (ready, draining) = (schema.ready.clone(), draining.clone());
            move || {
                checkup::run(
                    Arc::clone(&app),
                    mailer.clone(),
                    reporter.clone(),
                    ready.clone(),
                    draining.clone(),
                )
            }
        })),
    };
    let reload = reload::Reload::new(sources, settings, &app);
    let workers = start_workers(&app, mailer, settings, reload, &ended);
    announce::print(
        settings,
        address,
        &listeners,
        metrics.as_ref(),
        admin.as_ref(),
    )?;
    let metrics = metrics.map(|metrics| tokio::spawn(metrics.serve(app.clone(), ended.clone())));
    let mut rest = rest::serve(listeners, settings, &closing);
    if let Some(admin) = admin {
        rest.spawn(admin.serve(settings.clone(), app.random.clone(), closing.clone()));
    }
    let server = tokio::spawn({
        let closing = closing.clone();
        let longest = settings
            .grpc
            .request_deadline
            .max(settings.pictures.stream_deadline);
        let settings = settings.grpc.clone();
        let random = app.random.clone();
        async move {
            grpc::serve(
                listener,
                edge,
                &settings,
                (&settings).into(),
                longest,
                &random,
                closing.cancelled_owned(),
            )
            .await
        }
    });
    let signals = Signals {
        stop,
        draining,
        closing,
    };
    finish(settings, signals, server, checkup).await?;
    // They have had the time of the drain, beside the contract's own listener.
    rest.join_all().await;
    ended.cancel();
    for worker in workers.into_iter().chain(metrics) {
        worker.await?;
    }
    schema.verdict().await
}

/// What goes on beside the calls until `ended`.
fn start_workers(
    app: &Arc<App>,
    mailer: Mailer,
    settings: &Settings,
    reload: reload::Reload,
    ended: &CancellationToken,
) -> [JoinHandle<()>; 5] {
    let delivering = {
        let (delivery, ended) = (delivery(app, mailer, settings), ended.clone());
        move || deliver::run(delivery.clone(), ended.clone())
    };
    let sweeping = {
        let (app, retention) = (Arc::clone(app), settings.store.audit_retention);
        let ended = ended.clone();
        move || housekeeping::run(Arc::clone(&app), retention, ended.clone())
    };
    let tending = {
        let (app, settings, ended) = (Arc::clone(app), settings.clone(), ended.clone());
        move || housekeeping::tend(Arc::clone(&app), settings.clone(), ended.clone())
    };
    let collecting = {
        let (app, ended) = (Arc::clone(app), ended.clone());
        move || housekeeping::collect(Arc::clone(&app), ended.clone())
    };
    let reading = {
        let (reload, ended) = (Arc::new(Mutex::new(reload)), ended.clone());
        move || reload::run(Arc::clone(&reload), ended.clone())
    };
    [
        tokio::spawn(keep("configuration", ended.clone(), reading)),
        tokio::spawn(keep("delivery", ended.clone(), delivering)),
        tokio::spawn(keep("housekeeping", ended.clone(), sweeping)),
        tokio::spawn(keep("keys", ended.clone(), tending)),
        tokio::spawn(keep("pictures", ended.clone(), collecting)),
    ]
}

/// Who keeps health up to date, and where it is told.
struct Checkup {
    reporter: HealthReporter,
    task: JoinHandle<()>,
}

/// The end of the service, step by step.
struct Signals {
    /// Somebody asked for it.
    stop: CancellationToken,
    /// Health says so, while connections are still taken: balancers need a moment to look elsewhere.
    draining: CancellationToken,
    /// No more connections are taken, and the calls under way end.
    closing: CancellationToken,
}

/// Waits for the signal, turns health to `NOT_SERVING`, and lets calls under way end.
async fn finish(
    settings: &Settings,
    signals: Signals,
    mut server: JoinHandle<Result<(), grpc::serve::ServeError>>,
    checkup: Checkup,
) -> anyhow::Result<()> {
    tokio::select! {
        () = signals.stop.cancelled() => {}
        // Without a signal, only a fault ends it.
        done = &mut server => return Ok(done??),
    }
    tracing::info!("draining");
    signals.draining.cancel();
    checkup.task.await?;
    signals.closing.cancel();
    checkup::end_watches(checkup.reporter).await;
    if let Ok(done) = tokio::time::timeout(settings.grpc.drain, &mut server).await {
        done??;
    } else {
        tracing::warn!("calls under way were cut at the end of grpc.drain");
        server.abort();
    }
    Ok(())
}

fn delivery(
    app: &Arc<App>,
    mailer: Mailer,
    settings: &Settings,
) -> Delivery<
    impl Fn(&crate::mails::Mail) -> Option<String> + Send + Sync + Clone + 'static,
    impl Fn(&str) -> String + Send + Sync + Clone + 'static,
> {
    let keys = app.keys.clone();
    let titles = Arc::clone(app);
    Delivery {
        db: app.db.clone(),
        mailer,
        clock: app.clock.clone(),
        random: app.random.clone(),
        from: settings.mail.from.clone(),
        wake: Arc::clone(&app.mail),
        code_of: move |mail: &crate::mails::Mail| codes::code_of(&keys, mail),
        title_of: move |realm: &str| {
            let found = titles.served(realm);
            found.map_or_else(|| realm.to_owned(), |realm| realm.rules.title.clone())
        },
    }
}
