//! What bounds the streams of pictures: how many at a time, and how slow one may be.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use uuid::Uuid;

use crate::{
    config,
    error::{Error, Result},
};

/// Rendered pictures on their way to the store, for each thread that renders: the store may take as long as the drawing.
const FINISHING: usize = 2;

/// Open streams of downloads, for each place: HTTP/2 gives a server no way to end a stream that its client does not read,
/// so one that was cut off stays, with what was handed over for it, until the client takes its end or leaves.
const OPEN: usize = 2;

/// When somebody who found no place may come again.
const AGAIN: Duration = Duration::from_secs(1);

/// The places of a process.
#[derive(Clone, Debug)]
pub(super) struct Transfers {
    uploads: Arc<Semaphore>,
    downloads: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    finishing: Arc<Semaphore>,
    shares: Arc<Shares>,
    idle: Duration,
    rate: u64,
}

impl Transfers {
    pub(super) fn new(settings: &config::Pictures) -> Self {
        let places = |count: usize| Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)));
        Self {
            uploads: places(settings.max_uploads),
            downloads: places(settings.max_downloads),
            streams: places(settings.max_downloads.saturating_mul(OPEN)),
            finishing: places(settings.threads * FINISHING),
            shares: Arc::new(Shares {
                most: settings.max_per_account,
                taken: Mutex::default(),
            }),
            idle: settings.idle_timeout,
            rate: settings.min_rate.into(),
        }
    }

    /// One of the transfers that an account may have at a time, until it is dropped: nobody takes the places of all.
    ///
    /// Refusals: `OVERLOADED`.
    pub(super) fn share(&self, account: Uuid) -> Result<Share> {
        let mut taken = self.shares.lock();
        let count = taken.entry(account).or_default();
        if *count >= self.shares.most {
            return Err(Error::Overloaded { retry: AGAIN });
        }
        *count += 1;
        drop(taken);
        Ok(Share {
            account,
            shares: Arc::clone(&self.shares),
        })
    }

    /// A place for a file that arrives.
    ///
    /// Refusals: `OVERLOADED`.
    pub(super) fn upload(&self) -> Result<OwnedSemaphorePermit> {
        place(&self.uploads)
    }

    /// A place for a picture that is read.
    ///
    /// Refusals: `OVERLOADED`.
    pub(super) fn download(&self) -> Result<OwnedSemaphorePermit> {
        place(&self.downloads)
    }

    /// The right to a stream that a picture is sent by, until the client has taken its end or left. It bounds what is kept
    /// for clients that were cut off and do neither.
    ///
    /// Refusals: `OVERLOADED`.
    pub(super) fn stream(&self) -> Result<OwnedSemaphorePermit> {
        place(&self.streams)
    }

    /// The right to hold a whole picture in memory. Who waits for it holds a file, not its bytes.
    ///
    /// Refusals: `OVERLOADED` when the deadline comes first.
    pub(super) async fn finishing(
        &self,
        deadline: Option<Instant>,
    ) -> Result<OwnedSemaphorePermit> {
        let turn = Arc::clone(&self.finishing).acquire_owned();
        let turn = match deadline {
            Some(at) => tokio::time::timeout_at(at, turn).await,
            None => Ok(turn.await),
        };
        turn.map_err(|_| Error::Overloaded { retry: AGAIN })?
            .map_err(|closed| Error::Internal(closed.to_string()))
    }

    /// The pace that a stream which begins now is held to, until the deadline of its call.
    pub(super) fn pace(&self, end: Option<Instant>) -> Pace {
        let now = Instant::now();
        Pace {
            end,
            began: now,
            moved: now,
            bytes: 0,
            idle: self.idle,
            rate: self.rate.max(1),
        }
    }
}

/// The transfers of each account that has one.
#[derive(Debug)]
struct Shares {
    most: usize,
    taken: Mutex<HashMap<Uuid, usize>>,
}

impl Shares {
    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A transfer that an account has.
#[derive(Debug)]
pub(super) struct Share {
    account: Uuid,
    shares: Arc<Shares>,
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.shares.lock();
        if let Entry::Occupied(mut count) = taken.entry(self.account) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

fn place(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit> {
    Arc::clone(places)
        .try_acquire_owned()
        .map_err(|_| Error::Overloaded { retry: AGAIN })
}

/// How far a stream has come, and until when its next bytes may take.
#[derive(Debug)]
pub(super) struct Pace {
    end: Option<Instant>,
    began: Instant,
    moved: Instant,
    bytes: u64,
    idle: Duration,
    rate: u64,
}

impl Pace {
    /// Notes bytes that moved. No bytes are no progress.
    pub(super) fn advance(&mut self, bytes: usize) {
        if bytes > 0 {
            self.bytes += bytes as u64;
            self.moved = Instant::now();
        }
    }

    /// When the stream is too slow unless something moves before: one idle time after the last bytes, and one idle
    /// time behind the least rate, and at its end at the latest.
    pub(super) fn limit(&self) -> Instant {
        let due = Duration::from_millis(self.bytes.saturating_mul(1000) / self.rate);
        let limit = (self.began + self.idle + due).min(self.moved + self.idle);
        self.end.map_or(limit, |end| limit.min(end))
    }

    /// Whether the stream has come to its limit.
    pub(super) fn is_over(&self) -> bool {
        self.limit() <= Instant::now()
    }

    /// What is wrong with a stream that has come to its limit.
    pub(super) fn refusal(&self) -> Error {
        match self.end {
            Some(end) if end <= Instant::now() => Error::DeadlineExceeded,
            _ => Error::TransferTooSlow,
        }
    }
}
