//! Letters to a relay, over connections that are kept for the next one.
//!
//! The connections are pooled here and not by lettre's transport: that one takes a connection back when a send is cut
//! short by a timeout, and the answer still under way is then read as the answer to the next letter.

mod conversation;
mod options;

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, timeout, timeout_at};

use super::{OpenError, SendError, letter::Sealed};
use conversation::{Conversation, Dialler};

pub use options::{Security, SmtpOptions};

/// How long a connection may lie idle: less than any relay's patience.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// How long an idle connection may take to show that it is alive.
const CHECK: Duration = Duration::from_secs(1);

/// A relay.
pub struct Smtp {
    dialler: Dialler,
    timeout: Duration,
    pool_size: usize,
    idle: Mutex<Vec<(Conversation, Instant)>>,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp")
            .field("dialler", &self.dialler)
            .finish_non_exhaustive()
    }
}

impl Smtp {
    pub(super) fn open(options: SmtpOptions) -> Result<Self, OpenError> {
        Ok(Self {
            timeout: options.timeout,
            pool_size: usize::try_from(options.pool_size).unwrap_or(usize::MAX),
            dialler: Dialler::open(options)?,
            idle: Mutex::default(),
        })
    }

    /// The whole send is bounded by one deadline. What a silence means depends on when it falls: nothing has left
    /// before the letter's last line.
    pub(super) async fn send(&self, letter: Sealed) -> Result<(), SendError> {
        let deadline = Instant::now() + self.timeout;
        let mut talk = self.talk(deadline).await?;
        let envelope = timeout_at(deadline, talk.envelope(&letter.from, &letter.to)).await;
        match envelope {
            Ok(Ok(())) => {}
            Ok(Err(refusal)) => return self.part(talk, deadline, refusal).await,
            Err(_) => return Err(SendError::Later(self.silence("to the address"))),
        }
        match timeout_at(deadline, talk.content(&letter.bytes)).await {
            Ok(Ok(())) => {
                self.keep(talk);
                Ok(())
            }
            Ok(Err(refusal)) => self.part(talk, deadline, refusal).await,
            Err(_) => Err(SendError::Unsure(self.silence("to the letter"))),
        }
    }

    /// Greets the relay and logs in; an idle connection that is alive proves the same.
    pub(super) async fn probe(&self) -> Result<(), SendError> {
        let talk = self.talk(Instant::now() + self.timeout).await?;
        self.keep(talk);
        Ok(())
    }

    async fn talk(&self, deadline: Instant) -> Result<Conversation, SendError> {
        while let Some((mut talk, since)) = self.take() {
            if since.elapsed() < IDLE_MAX && timeout(CHECK, talk.is_alive()).await == Ok(true) {
                return Ok(talk);
            }
        }
        timeout_at(deadline, self.dialler.dial())
            .await
            .unwrap_or_else(|_| Err(SendError::Closed(self.silence("to the greeting"))))
    }

    /// After a refusal the relay is as good as before, so ten thousand dead addresses do not cost as many handshakes.
    async fn part(
        &self,
        mut talk: Conversation,
        deadline: Instant,
        refusal: SendError,
    ) -> Result<(), SendError> {
        if timeout_at(deadline, talk.reset()).await == Ok(true) {
            self.keep(talk);
        }
        Err(refusal)
    }

    fn take(&self) -> Option<(Conversation, Instant)> {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
    }

    fn keep(&self, talk: Conversation) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.pool_size {
            idle.push((talk, Instant::now()));
        }
    }

    fn silence(&self, to_what: &str) -> String {
        format!("no answer {to_what} within {:?}", self.timeout)
    }
}
