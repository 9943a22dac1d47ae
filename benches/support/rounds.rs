//! The generator: calls without a pause for a while, and what they took.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use super::{process::Process, statistics::Spread};

/// One call, made in the lane of that number. What is not answered as it should be ends the bench.
pub(crate) type Call = Arc<dyn Fn(usize) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// A call in the form that a [`Load`] takes.
pub(crate) fn call<F>(make: impl Fn(usize) -> F + Send + Sync + 'static) -> Call
where
    F: Future<Output = ()> + Send + 'static,
{
    Arc::new(move |lane| Box::pin(make(lane)))
}

/// What is done to a server, over and over.
#[derive(Clone)]
pub(crate) struct Load<'a> {
    pub(crate) server: &'a Process,
    pub(crate) call: Call,
    /// Calls at a time.
    pub(crate) lanes: usize,
}

/// What a round came to.
pub(crate) struct Round {
    pub(crate) calls: u32,
    pub(crate) seconds: f64,
    /// Of the server.
    pub(crate) cpu_seconds: f64,
    /// Of each call; empty where calls are not looked at one by one.
    pub(crate) latencies: Vec<f64>,
}

impl Round {
    /// Calls a second.
    pub(crate) fn rate(&self) -> f64 {
        f64::from(self.calls) / self.seconds
    }

    /// Seconds of processors for one call.
    pub(crate) fn cpu(&self) -> f64 {
        self.cpu_seconds / f64::from(self.calls)
    }

    /// Seconds that 99 of 100 calls do not exceed.
    pub(crate) fn p99(&self) -> f64 {
        Spread::of(self.latencies.iter().copied()).p99()
    }
}

/// Who works in a round.
pub(crate) trait Works {
    /// Works for so long. What has begun then is finished, and counts.
    async fn round(&self, time: Duration) -> Round;
}

impl Works for Load<'_> {
    async fn round(&self, time: Duration) -> Round {
        let cpu_before = self.server.cpu_seconds();
        let began = Instant::now();
        let mut lanes = JoinSet::new();
        for lane in 0..self.lanes {
            let call = Arc::clone(&self.call);
            lanes.spawn(async move {
                let mut latencies = Vec::new();
                let mut since = Instant::now();
                while since < began + time {
                    call(lane).await;
                    let now = Instant::now();
                    latencies.push((now - since).as_secs_f64());
                    since = now;
                }
                latencies
            });
        }
        let latencies = lanes.join_all().await.concat();
        Round {
            calls: u32::try_from(latencies.len()).unwrap(),
            seconds: began.elapsed().as_secs_f64(),
            cpu_seconds: self.server.cpu_seconds() - cpu_before,
            latencies,
        }
    }
}
