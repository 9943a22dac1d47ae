//! Sending a picture that is in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

use crate::{
    accounts::picture::Picture,
    error::{Error, Result},
    grpc::transfers::Pace,
};

/// Longest chunk in bytes, as when it is read from the store.
const CHUNK: usize = 64 * 1024;

/// The bytes on their way, and the task that cuts them off.
pub(super) struct FromMemory {
    state: Arc<Mutex<State>>,
    _guard: AbortOnDropHandle<()>,
}

enum State {
    Sending(Sending),
    /// Cut off; the client hears of it once it reads on.
    Cut(Error),
    Done,
}

struct Sending {
    rest: Bytes,
    pace: Pace,
    /// Keeps the picture counted in the cache.
    _picture: Arc<Picture>,
    _permit: OwnedSemaphorePermit,
}

impl FromMemory {
    /// Sends what lies behind `offset`, and keeps `permit` and the bytes until all are sent or the client is too slow.
    pub(super) fn begin(
        picture: Arc<Picture>,
        offset: u64,
        pace: Pace,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        let bytes = &picture.bytes;
        let offset = usize::try_from(offset).map_or(bytes.len(), |at| at.min(bytes.len()));
        let state = Arc::new(Mutex::new(State::Sending(Sending {
            rest: bytes.slice(offset..),
            pace,
            _picture: picture,
            _permit: permit,
        })));
        let guard = tokio::spawn(cut(Arc::clone(&state)).in_current_span());
        Self {
            state,
            _guard: AbortOnDropHandle::new(guard),
        }
    }

    /// The next bytes; none at the end.
    pub(super) fn chunk(&mut self) -> Option<Result<Bytes>> {
        let mut state = lock(&self.state);
        let sending = match &mut *state {
            State::Sending(sending) => sending,
            State::Cut(error) => return Some(Err(error.clone())),
            State::Done => return None,
        };
        let length = sending.rest.len().min(CHUNK);
        sending.pace.advance(length);
        let chunk = sending.rest.split_to(length);
        // How slowly the client takes the last of it concerns nobody else.
        if sending.rest.is_empty() {
            *state = State::Done;
        }
        (length > 0).then_some(Ok(chunk))
    }
}

/// Lets go of everything when the client has taken nothing for too long: nobody asks for the next chunk then.
async fn cut(state: Arc<Mutex<State>>) {
    loop {
        let limit = match &*lock(&state) {
            State::Sending(sending) => sending.pace.limit(),
            State::Cut(_) | State::Done => return,
        };
        tokio::time::sleep_until(limit).await;
        let mut state = lock(&state);
        if let State::Sending(sending) = &*state
            && sending.pace.is_over()
        {
            let error = sending.pace.refusal();
            tracing::info!(reason = error.reason(), "a download did not end well");
            *state = State::Cut(error);
            return;
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
