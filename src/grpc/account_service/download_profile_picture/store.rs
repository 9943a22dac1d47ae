//! Sending a picture as it is read from the store, and comparing it meanwhile.

use std::{
    future::Future as _,
    pin::Pin,
    task::{Context, Poll, ready},
};

use aws_lc_rs::digest;
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tracing::Instrument as _;

use crate::{
    accounts::picture::{self, Found},
    backend::objects::Object,
    error::{Error, Result},
    grpc::transfers::Pace,
};

/// What the pump sends.
pub(super) struct FromStore {
    chunks: mpsc::Receiver<Bytes>,
    ended: oneshot::Receiver<Result<()>>,
}

impl FromStore {
    /// Sends what lies behind `offset`, and keeps `permit` as long as it reads.
    pub(super) fn begin(
        found: &Found,
        object: Object,
        offset: u64,
        pace: Pace,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        let (chunks, handed_on) = mpsc::channel(1);
        let (verdict, ended) = oneshot::channel();
        let pump = Pump {
            digest: found.digest.clone(),
            skip: offset,
            pace,
            chunks,
        };
        let task = async move {
            let done = pump.run(object).await;
            if let Err(error) = &done {
                tracing::info!(reason = error.reason(), "a download did not end well");
            }
            // Nobody hears the verdict when the client has gone.
            let _ = verdict.send(done);
            drop(permit);
        };
        tokio::spawn(task.in_current_span());
        Self {
            chunks: handed_on,
            ended,
        }
    }

    /// The next bytes; none at the end if all was what had been stored.
    pub(super) fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        if let Some(chunk) = ready!(self.chunks.poll_recv(context)) {
            return Poll::Ready(Some(Ok(chunk)));
        }
        let verdict = ready!(Pin::new(&mut self.ended).poll(context));
        let verdict = verdict.unwrap_or_else(|lost| Err(Error::Internal(lost.to_string())));
        Poll::Ready(verdict.err().map(Err))
    }
}

/// Reads the object and hands it on, no faster than the client takes it and no slower than the pace.
struct Pump {
    digest: Vec<u8>,
    skip: u64,
    pace: Pace,
    chunks: mpsc::Sender<Bytes>,
}

impl Pump {
    /// Ends when all was handed on and was what had been stored, or with the reason why not.
    async fn run(mut self, mut object: Object) -> Result<()> {
        let mut seen = digest::Context::new(&digest::SHA256);
        while let Some(chunk) = object.chunks.next().await {
            let mut chunk = chunk.map_err(|error| picture::unavailable(&error))?;
            seen.update(&chunk);
            let skipped =
                usize::try_from(self.skip).map_or(chunk.len(), |skip| skip.min(chunk.len()));
            self.skip -= skipped as u64;
            let rest = chunk.split_off(skipped);
            if !rest.is_empty() {
                self.hand_on(rest).await?;
            }
        }
        if seen.finish().as_ref() == self.digest {
            return Ok(());
        }
        tracing::error!("the object of a picture has been altered");
        Err(Error::PictureDamaged)
    }

    async fn hand_on(&mut self, chunk: Bytes) -> Result<()> {
        let length = chunk.len();
        let sent = tokio::time::timeout_at(self.pace.limit(), self.chunks.send(chunk)).await;
        // Of a client that has gone, nobody hears this.
        if !matches!(sent, Ok(Ok(()))) {
            return Err(self.pace.refusal());
        }
        self.pace.advance(length);
        Ok(())
    }
}
