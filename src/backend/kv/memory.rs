//! The store in this process's memory: what a laptop runs on, and most tests.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use uuid::Uuid;

use super::{
    Guess, LiveCode, Look, Mark, Rate, STAMP_TTL, Stamp, Taken, Unavailable, tag, whole_millis,
};
use crate::backend::clock::{Clock, Timestamp};
use table::{Full, Table};

mod table;

/// The most entries of each kind. A full table refuses instead of forgetting what still counts.
const CAPACITY: usize = 1_000_000;

/// How long a caller is sent away when no more buckets fit.
const WAIT_FOR_ROOM: Duration = Duration::from_secs(1);

/// A store in this process's memory, at most a million entries of each kind; clones share it.
#[derive(Clone)]
pub struct Memory {
    clock: Clock,
    tables: Arc<Mutex<Tables>>,
}

struct Tables {
    codes: Table<LiveCode>,
    marks: Table<Mark>,
    stamps: Table<[u8; 16]>,
    /// The instant at which each bucket is full again, in microseconds since 1970.
    buckets: Table<i64>,
    /// Whose each claim is.
    claims: Table<Uuid>,
}

impl From<Full> for Unavailable {
    fn from(_: Full) -> Self {
        Self::because("its memory is full")
    }
}

impl Memory {
    /// An empty store whose entries age by `clock`.
    pub fn new(clock: Clock) -> Self {
        let tables = Tables {
            codes: Table::new(CAPACITY),
            marks: Table::new(CAPACITY),
            stamps: Table::new(CAPACITY),
            buckets: Table::new(CAPACITY),
            claims: Table::new(CAPACITY),
        };
        Self {
            clock,
            tables: Arc::new(Mutex::new(tables)),
        }
    }

    pub(super) fn put_code(
        &self,
        subject: &str,
        code: &LiveCode,
        ttl: Duration,
    ) -> Result<(), Unavailable> {
        let (now, mut tables) = self.enter();
        let end = end_of(now, ttl);
        Ok(tables.codes.put(tag::of(subject), code.clone(), end, now)?)
    }

    pub(super) fn guess_code(&self, subject: &str) -> Guess {
        let (now, mut tables) = self.enter();
        let Some(code) = tables.codes.get_mut(&tag::of(subject), now) else {
            return Guess::Absent;
        };
        let Some(left) = code.guesses.checked_sub(1) else {
            return Guess::Spent;
        };
        code.guesses = left;
        Guess::Live(code.clone())
    }

    pub(super) fn return_guess(&self, subject: &str, issue: Uuid) {
        let (now, mut tables) = self.enter();
        let live = tables.codes.get_mut(&tag::of(subject), now);
        if let Some(code) = live.filter(|code| code.issue == issue) {
            code.guesses = code.guesses.saturating_add(1);
        }
    }

    pub(super) fn is_spent(&self, subject: &str) -> bool {
        let (now, mut tables) = self.enter();
        let code = tables.codes.get_mut(&tag::of(subject), now);
        code.is_some_and(|code| code.guesses == 0)
    }

    pub(super) fn drop_code(&self, subject: &str, issue: Uuid) {
        let (now, mut tables) = self.enter();
        let tag = tag::of(subject);
        let live = tables.codes.get_mut(&tag, now);
        if live.is_some_and(|code| code.issue == issue) {
            tables.codes.remove(&tag);
        }
    }

    pub(super) fn announce(
        &self,
        account: Uuid,
        sessions: &[Uuid],
        mark: Mark,
        ttl: Duration,
    ) -> Result<(), Unavailable> {
        let (now, mut tables) = self.enter();
        tables.stamps.remove(account.as_bytes());
        let end = end_of(now, ttl);
        for session in sessions {
            tables.marks.put(session.into_bytes(), mark, end, now)?;
        }
        Ok(())
    }

    pub(super) fn mark_if_missing(
        &self,
        account: Uuid,
        session: Uuid,
        mark: Mark,
        ttl: Duration,
    ) -> Result<bool, Unavailable> {
        let (now, mut tables) = self.enter();
        tables.stamps.remove(account.as_bytes());
        let tag = session.into_bytes();
        if tables.marks.get_mut(&tag, now).is_some() {
            return Ok(false);
        }
        tables.marks.put(tag, mark, end_of(now, ttl), now)?;
        Ok(true)
    }

    pub(super) fn look(&self, session: Uuid, account: Uuid) -> Look {
        let (now, mut tables) = self.enter();
        let stamp = tables.stamps.get_mut(account.as_bytes(), now).copied();
        Look {
            mark: tables.marks.get_mut(session.as_bytes(), now).copied(),
            stamp: stamp.map(|value| Stamp { value, line: 0 }),
        }
    }

    pub(super) fn stamp(&self, account: Uuid, fresh: [u8; 16]) -> Result<(), Unavailable> {
        let (now, mut tables) = self.enter();
        let tag = account.into_bytes();
        if tables.stamps.get_mut(&tag, now).is_none() {
            tables.stamps.put(tag, fresh, end_of(now, STAMP_TTL), now)?;
        }
        Ok(())
    }

    pub(super) fn take(&self, bucket: &str, rate: Rate) -> Taken {
        let (period, window) = rate.micros();
        let (now, mut tables) = self.enter();
        let tag = tag::of(bucket);
        let micros = now.millis().saturating_mul(1000);
        let stored = tables.buckets.get_mut(&tag, now).copied();
        // A bucket is never emptier than empty, whatever a faster rate or a later clock left behind.
        let full = stored.map_or(micros, |full| full.clamp(micros, micros + window)) + period;
        let wait = full - micros - window;
        if wait > 0 {
            return Taken::Wait(Duration::from_micros(wait.unsigned_abs()));
        }
        let end = end_of(now, Duration::from_micros((full - micros).unsigned_abs()));
        match tables.buckets.put(tag, full, end, now) {
            Ok(()) => Taken::Granted,
            Err(Full) => Taken::Wait(WAIT_FOR_ROOM),
        }
    }

    pub(super) fn used(&self, bucket: &str) -> Duration {
        let (now, mut tables) = self.enter();
        let full = tables.buckets.get_mut(&tag::of(bucket), now).copied();
        let micros = full.unwrap_or_default() - now.millis().saturating_mul(1000);
        Duration::from_micros(u64::try_from(micros).unwrap_or_default())
    }

    pub(super) fn forget(&self, bucket: &str) {
        let (_, mut tables) = self.enter();
        tables.buckets.remove(&tag::of(bucket));
    }

    pub(super) fn claim(
        &self,
        key: &str,
        owner: Uuid,
        lease: Duration,
    ) -> Result<bool, Unavailable> {
        let (now, mut tables) = self.enter();
        let tag = tag::of(key);
        if let Some(holder) = tables.claims.get_mut(&tag, now) {
            return Ok(*holder == owner);
        }
        tables.claims.put(tag, owner, end_of(now, lease), now)?;
        Ok(true)
    }

    pub(super) fn release(&self, key: &str, owner: Uuid) {
        let (now, mut tables) = self.enter();
        let tag = tag::of(key);
        let holder = tables.claims.get_mut(&tag, now);
        if holder.is_some_and(|holder| *holder == owner) {
            tables.claims.remove(&tag);
        }
    }

    fn enter(&self) -> (Timestamp, MutexGuard<'_, Tables>) {
        let tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        // Read inside the lock, so that time does not run backwards from one caller to the next.
        (self.clock.now(), tables)
    }
}

fn end_of(now: Timestamp, ttl: Duration) -> Timestamp {
    now + Duration::from_millis(whole_millis(ttl))
}
