//! What SQL said of callers a moment ago. `docs/adr/0011-callers-are-held-for-a-moment.md` tells why it is never stale.

use std::{fs::File, sync::Arc, time::Duration};

use quick_cache::sync::Cache;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::Principal;
use crate::backend::kv::Stamp;

/// How long it may serve, from before SQL was asked.
const HOLD: Duration = Duration::from_millis(250);

/// How long after its commit a change is told that could not be announced. Whatever was read before the commit does not
/// serve any more then, also where a clock runs a little slower than this one's.
const FADE: Duration = Duration::from_millis(300);

/// Callers at most; the ones that call least make room. In so short a time a node hardly answers more.
const CAPACITY: usize = 4096;

/// Callers as SQL had them, each for a moment and only as long as its account's stamp is the same.
#[derive(Debug)]
pub struct Held {
    hearing: Hearing,
    /// Kept locked as long as this process is alone.
    _alone: Option<File>,
    callers: Cache<Uuid, Arc<Caller>>,
}

/// How other processes hear of a change that was made here, and this one of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hearing {
    /// By stamps, which are there or gone for all: callers are held.
    Stamps,
    /// Not at all, so that no process holds anything.
    Nothing,
    /// Not at all, and one of them may hold what it has read.
    Elsewhere,
}

#[derive(Debug)]
struct Caller {
    stamp: Stamp,
    read_at: Instant,
    principal: Arc<Principal>,
}

impl Held {
    /// Holds nobody yet. A lock that makes sure of `hearing` is kept.
    pub fn new(hearing: Hearing, alone: Option<File>) -> Self {
        Self {
            hearing,
            _alone: alone,
            callers: Cache::new(CAPACITY),
        }
    }

    /// How other processes hear of changes.
    pub const fn hearing(&self) -> Hearing {
        self.hearing
    }

    /// The caller of that session, if it was read under `stamp` a moment ago.
    pub fn find(&self, session: Uuid, stamp: Stamp) -> Option<Arc<Principal>> {
        let caller = self.callers.get(&session)?;
        let serves = caller.stamp == stamp && caller.read_at.elapsed() < HOLD;
        serves.then(|| Arc::clone(&caller.principal))
    }

    /// Holds a caller whom SQL was asked for after `read_at`, which itself was after `stamp` was seen.
    pub fn keep(&self, stamp: Stamp, read_at: Instant, principal: &Arc<Principal>) {
        let caller = Caller {
            stamp,
            read_at,
            principal: Arc::clone(principal),
        };
        self.callers.insert(principal.session.id, Arc::new(caller));
    }

    /// Waits until nobody holds any more what was true before `committed`.
    pub async fn fade(&self, committed: Instant) {
        if self.hearing != Hearing::Nothing {
            sleep_until(committed + FADE).await;
        }
    }
}
