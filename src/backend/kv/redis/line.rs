//! One connection for all calls, made anew when it is lost.

use std::{future::Future, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use futures_util::future::{BoxFuture, FutureExt as _, Shared};
use redis::RedisResult;
use tokio::time::{Instant, timeout_at};

use super::{
    connection::Connection,
    dial::{Dial, Failure},
};
use crate::backend::kv::{OpenError, RedisOptions, Unavailable};

/// How long a failure to connect stands. Until then calls fail at once: waiting would only pile them up.
const PAUSE: Duration = Duration::from_millis(100);

const LATE: Unavailable = Unavailable::because("it did not answer in time");

/// An attempt to connect that all calls await together.
type Attempt = Shared<BoxFuture<'static, Result<Connection, (Failure, Instant)>>>;

/// One connection for all calls.
pub(super) struct Line {
    dial: Arc<Dial>,
    current: ArcSwap<Attempt>,
    limit: Duration,
}

impl Line {
    /// Reaches Redis, or keeps trying later; refuses what will not get better by itself.
    pub(super) async fn open(options: &RedisOptions) -> Result<Self, OpenError> {
        let dial = Arc::new(Dial::new(options)?);
        let first = prepare(&dial);
        let line = Self {
            dial,
            current: ArcSwap::from_pointee(first.clone()),
            limit: options.timeout,
        };
        match first.await {
            Err((Failure::Refused(refusal), _)) => Err(refusal),
            Ok(_) | Err((Failure::Unreachable(_), _)) => Ok(line),
        }
    }

    /// What `command` makes of the connection, within the time for one call.
    pub(super) async fn run<T, F>(
        &self,
        command: impl FnOnce(Connection) -> F,
    ) -> Result<T, Unavailable>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let deadline = Instant::now() + self.limit;
        let attempt = self.attempt();
        let connection = timeout_at(deadline, connected(&attempt)).await;
        let connection = connection.unwrap_or(Err(LATE))?;
        let answer = timeout_at(deadline, command(connection.clone())).await;
        let is_lost = match &answer {
            Ok(Ok(_)) => false,
            Ok(Err(error)) => connection.is_lost(error),
            // A dead peer looks like this until the operating system notices, which takes minutes.
            Err(_) => connection.is_lost_in_silence(),
        };
        if is_lost {
            self.replace(&attempt);
        }
        Ok(answer.map_err(|_| LATE)??)
    }

    /// The same for a caller who gives up earlier, and spares itself the second timer. A silent connection is left to the
    /// calls that wait for longer.
    pub(super) async fn run_briefly<T, F>(
        &self,
        command: impl FnOnce(Connection) -> F,
    ) -> Result<T, Unavailable>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let attempt = self.attempt();
        let connection = connected(&attempt).await?;
        let answer = command(connection.clone()).await;
        if answer
            .as_ref()
            .is_err_and(|error| connection.is_lost(error))
        {
            self.replace(&attempt);
        }
        Ok(answer?)
    }

    /// The attempt that stands, after another try if it failed some time ago.
    fn attempt(&self) -> Arc<Attempt> {
        let current = self.current.load_full();
        match current.peek() {
            Some(Err((_, failed))) if failed.elapsed() >= PAUSE => {
                self.replace(&current);
                self.current.load_full()
            }
            _ => current,
        }
    }

    /// Connects anew in place of `lost`, unless somebody else has done so.
    fn replace(&self, lost: &Arc<Attempt>) {
        let fresh = Arc::new(prepare(&self.dial));
        let found = self.current.compare_and_swap(lost, Arc::clone(&fresh));
        if Arc::ptr_eq(&found, lost) {
            tokio::spawn(Attempt::clone(&fresh));
        }
    }
}

/// The connection that an attempt came to.
async fn connected(attempt: &Attempt) -> Result<Connection, Unavailable> {
    let outcome = match attempt.peek() {
        Some(outcome) => outcome.clone(),
        None => attempt.clone().await,
    };
    outcome.map_err(|(failure, _)| failure.into())
}

/// An attempt that has not begun. It wants a task of its own, since the calls that await it may give up before it is
/// done.
fn prepare(dial: &Arc<Dial>) -> Attempt {
    let dial = Arc::clone(dial);
    let attempt = async move {
        let outcome = dial.connect().await;
        outcome.map_err(|failure| (failure, Instant::now()))
    };
    attempt.boxed().shared()
}
