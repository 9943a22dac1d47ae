//! The log on standard error.

use std::sync::Arc;

use anyhow::Context as _;
use tracing_subscriber::{EnvFilter, reload};

use crate::config::{Log, LogFormat};

/// Where the level of the log is set while the service runs.
#[derive(Clone)]
pub(super) struct Filter(Arc<dyn Fn(EnvFilter) -> Result<(), reload::Error> + Send + Sync>);

impl Filter {
    /// Logs by these directives from now on.
    pub(super) fn set(&self, level: &str) -> anyhow::Result<()> {
        Ok((self.0)(filter(level)?)?)
    }
}

/// Logs to standard error, so that standard output has only what the command prints.
pub(super) fn start(log: &Log) -> anyhow::Result<Filter> {
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter(&log.level)?)
        // A line that cannot be written is lost: told of on standard error as well, it would panic.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    let filter = match log.format {
        LogFormat::Text => {
            let subscriber = subscriber.with_ansi(false).with_filter_reloading();
            let handle = subscriber.reload_handle();
            subscriber.init();
            Filter(Arc::new(move |filter| handle.reload(filter)))
        }
        LogFormat::Json => {
            let subscriber = subscriber.json().with_filter_reloading();
            let handle = subscriber.reload_handle();
            subscriber.init();
            Filter(Arc::new(move |filter| handle.reload(filter)))
        }
    };
    // Wherever it happens, it is a fault of ours that somebody must look at.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let words = panic.payload_as_str();
        tracing::error!(place, words, "a panic");
    }));
    Ok(filter)
}

fn filter(level: &str) -> anyhow::Result<EnvFilter> {
    EnvFilter::try_new(level)
        .context("log.level is no filter such as `info` or `accountd=debug,info`")
}
