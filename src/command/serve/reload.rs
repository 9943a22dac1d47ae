//! The configuration, read again while the service runs: `docs/adr/0015-configuration-read-again.md`.

mod apply;

use std::{
    io::{self, IsTerminal as _},
    sync::Arc,
    time::Duration,
};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::Mutex,
    task::spawn_blocking,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::{Sources, log::Filter};
use crate::{
    app::App,
    config::{Origin, Settings},
    metrics::{self, Reloaded},
};

/// How often the file is looked at. It is read, not watched: a file that a symbolic link is swapped to, as Kubernetes does,
/// or that comes over a network, tells no watcher of its changes.
const EVERY: Duration = Duration::from_secs(2);

/// The settings in force, and what they come from.
pub(super) struct Reload {
    origin: Arc<Origin>,
    filter: Filter,
    app: Arc<App>,
    settings: Settings,
    /// The text that was acted upon last; none when it could not be read.
    read: Option<String>,
    /// The text at the last look.
    seen: Option<String>,
    /// Whether the settings in force come from a file that says something.
    has_text: bool,
}

impl Reload {
    /// Begins with the settings as the service was started with them.
    pub(super) fn new(sources: Sources, settings: &Settings, app: &Arc<App>) -> Self {
        let Sources {
            origin,
            known,
            filter,
        } = sources;
        Self {
            origin: Arc::new(origin),
            filter,
            app: Arc::clone(app),
            settings: settings.clone(),
            has_text: known.as_deref().is_some_and(|text| !is_blank(text)),
            seen: known.clone(),
            read: known,
        }
    }

    /// Reads the configuration again where it was asked for, or where the file has changed and stands still.
    async fn look(&mut self, is_asked: bool) {
        // A file system that does not answer must not stand in the way of calls.
        let origin = Arc::clone(&self.origin);
        let text = spawn_blocking(move || origin.text()).await;
        let text = text.unwrap_or_else(|panic| Err(io::Error::other(panic)));
        let now = text.as_ref().map(String::clone).ok();
        // What is still being written differs at the next look.
        let has_settled = now == self.seen && now != self.read;
        self.seen.clone_from(&now);
        if !is_asked && !has_settled {
            return;
        }
        self.read.clone_from(&now);
        let outcome = self.take(text, &now.unwrap_or_default()).await;
        metrics::config_reloaded(match outcome {
            Ok(true) => Reloaded::Applied,
            Ok(false) => Reloaded::Unchanged,
            Err(error) => {
                let error = format!("{error:#}").replace("\n  ", " ");
                tracing::error!(%error, "the configuration was read again and is refused: nothing has changed");
                Reloaded::Refused
            }
        });
    }
}

impl Reload {
    /// Puts a new text of the file in force. Whether anything has changed.
    async fn take(&mut self, text: io::Result<String>, now: &str) -> anyhow::Result<bool> {
        let origin = Arc::clone(&self.origin);
        let next = spawn_blocking(move || origin.read(text)).await??;
        // All defaults would be a sound configuration, and are what a copy leaves for which there was no room.
        if self.has_text && is_blank(now) {
            anyhow::bail!("the file is empty; restart to go on with the defaults");
        }
        let is_changed = self.apply(&next, now).await?;
        self.has_text = !is_blank(now);
        Ok(is_changed)
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Takes the signal SIGHUP, where it stands for a new reading: not for the end of the terminal in which a service without a
/// configuration file was started.
pub(super) fn signals(origin: &Origin) -> io::Result<Option<Signal>> {
    if origin.path().is_none() && io::stdin().is_terminal() {
        return Ok(None);
    }
    signal(SignalKind::hangup()).map(Some)
}

/// Reads again what has changed until `shutdown`.
pub(super) async fn run(reload: Arc<Mutex<Reload>>, shutdown: CancellationToken) {
    let hangups = signals(&reload.lock().await.origin);
    let mut hangups = hangups.unwrap_or_else(|error| {
        tracing::warn!(%error, "SIGHUP is not heard");
        None
    });
    loop {
        let is_asked = tokio::select! {
            () = shutdown.cancelled() => return,
            () = hangup(&mut hangups) => true,
            () = sleep(EVERY) => false,
        };
        reload.lock().await.look(is_asked).await;
    }
}

async fn hangup(hangups: &mut Option<Signal>) {
    match hangups {
        Some(hangups) => {
            hangups.recv().await;
        }
        None => std::future::pending().await,
    }
}
