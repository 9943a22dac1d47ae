//! Rendering on a few threads of its own.
//!
//! One picture costs a hundred MiB or more and up to seconds, so what must be bounded is how many are rendered at once. A
//! thread is held by the work, not by whoever asked for it: a caller that leaves does not let a second picture in
//! beside the first. Those who wait hold their file and nothing in memory.

mod queue;
mod worker;

use std::{fmt, io, sync::Arc, time::Duration};

use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};

use super::{Limits, Picture, Refusal, Spooled};
use queue::{Job, Queue};

/// How much a studio does at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StudioOptions {
    /// Pictures rendered at once, at least one.
    pub threads: usize,
    /// Files that may wait beside them.
    pub queue: usize,
}

/// The threads that render. Clones share them; they end when the last clone is gone.
#[derive(Clone)]
pub struct Studio {
    inner: Arc<Inner>,
}

struct Inner {
    queue: Arc<Queue>,
    options: StudioOptions,
}

/// Why there is no picture.
#[derive(thiserror::Error, Clone, Debug, PartialEq, Eq)]
pub enum StudioError {
    /// The file is to blame.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The queue is full.
    #[error("too many pictures wait to be rendered")]
    Overloaded {
        /// When the queue as it stands will have been worked off.
        retry: Duration,
    },
    /// The deadline passed before there was a picture.
    #[error("the deadline passed before the picture was rendered")]
    Late,
    /// A panic, a spooled file that cannot be read, or a studio that has stopped; the words are for the log.
    #[error("{0}")]
    Broken(String),
}

impl StudioError {
    fn stopped() -> Self {
        Self::Broken("the studio has stopped".to_owned())
    }
}

impl Studio {
    /// Starts the threads; they take memory only while they render. Refused are options without a thread, and threads
    /// that the system does not give.
    pub fn start(options: StudioOptions) -> io::Result<Self> {
        if options.threads == 0 {
            let words = "a studio needs at least one thread";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, words));
        }
        // Made before the threads, so that those already started end when one of them cannot be.
        let inner = Arc::new(Inner {
            queue: Arc::new(Queue::new(options)),
            options,
        });
        for number in 0..options.threads {
            worker::spawn(number, Arc::clone(&inner.queue))?;
        }
        Ok(Self { inner })
    }

    /// Renders a file, as [`super::render()`] does. A file whose caller has gone before its turn is dropped unread; work
    /// that has begun is brought to its end.
    ///
    /// Refused are a full queue, at once, and a `deadline` that passes before the picture is there.
    pub async fn render(
        &self,
        file: Spooled,
        limits: Arc<Limits>,
        deadline: Option<Instant>,
    ) -> Result<Picture, StudioError> {
        let (reply, answer) = oneshot::channel();
        self.inner.queue.push(Job {
            file,
            limits,
            deadline,
            reply,
        })?;
        let answer = match deadline {
            Some(deadline) => timeout_at(deadline, answer)
                .await
                .map_err(|_| StudioError::Late)?,
            None => answer.await,
        };
        answer.unwrap_or_else(|_| Err(StudioError::stopped()))
    }
}

impl fmt::Debug for Studio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Studio")
            .field("options", &self.inner.options)
            .finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
    }
}
