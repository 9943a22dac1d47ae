//! Keys of one kind, of which one works and the others still serve.

use std::{sync::Arc, time::Duration};

use super::{Id, State};
use crate::backend::Timestamp;

/// What has an id, and with it an age.
pub(super) trait Dated {
    fn id(&self) -> &Id;
}

/// At least one key, oldest first.
pub(super) struct Ring<K> {
    oldest: Arc<K>,
    newer: Vec<Arc<K>>,
}

impl<K: Dated> Ring<K> {
    /// A ring of these keys, which are sorted by id; `None` if there are none.
    pub(super) fn new(keys: Vec<K>) -> Option<Self> {
        let mut keys = keys.into_iter().map(Arc::new);
        Some(Self {
            oldest: keys.next()?,
            newer: keys.collect(),
        })
    }

    pub(super) fn oldest(&self) -> &Arc<K> {
        &self.oldest
    }

    pub(super) fn newest(&self) -> &Arc<K> {
        self.newer.last().unwrap_or(&self.oldest)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<K>> {
        std::iter::once(&self.oldest).chain(&self.newer)
    }

    /// The key with that name. Names are only ever compared: no file or address is made of one.
    pub(super) fn find(&self, id: &str) -> Option<&Arc<K>> {
        self.iter().find(|key| key.id().as_str() == id)
    }

    /// The newest key that every node has had `delay` to read; the oldest when there is none yet.
    pub(super) fn current(&self, delay: Duration, now: Timestamp) -> &Arc<K> {
        self.newer
            .iter()
            .rev()
            .find(|key| is_active(key.id(), delay, now))
            .unwrap_or(&self.oldest)
    }

    /// Each key with what it is good for at `now`.
    pub(super) fn states(
        &self,
        delay: Duration,
        now: Timestamp,
    ) -> impl Iterator<Item = (&Arc<K>, State)> {
        let current = self.current(delay, now).id();
        self.iter().map(move |key| {
            let state = match key.id().cmp(current) {
                std::cmp::Ordering::Less => State::Verifying,
                std::cmp::Ordering::Equal => State::Current,
                std::cmp::Ordering::Greater => State::Waiting,
            };
            (key, state)
        })
    }

    /// The keys whose successor took over at least `keep` before `now`.
    pub(super) fn retired(
        &self,
        delay: Duration,
        keep: Duration,
        now: Timestamp,
    ) -> impl Iterator<Item = &Arc<K>> {
        self.iter()
            .zip(&self.newer)
            .filter(move |(_, successor)| {
                is_active(successor.id(), delay.saturating_add(keep), now)
            })
            .map(|(key, _)| key)
    }
}

fn is_active(id: &Id, delay: Duration, now: Timestamp) -> bool {
    id.created() + delay <= now
}
