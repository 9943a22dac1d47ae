//! The way out of the outbox: every replica runs [`run`], and each letter is taken out by one of them at a time.

mod backoff;
mod letter;

use std::{sync::Arc, time::Duration};

use sea_orm::DbErr;
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinSet,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::Mail;
use crate::{
    backend::{Clock, Mailer, Random},
    metrics,
    store::{Db, Fault, fault, outbox},
};

/// How often the outbox is looked into when nobody wakes the delivery: for letters put back, and those of other replicas.
const POLL: Duration = Duration::from_millis(500);
/// Letters taken out at a time.
const BATCH: usize = 16;
/// Letters that are being sent at a time.
const PLACES: usize = 16;
/// Letters beyond those whose relay is slow to answer; together less than the 50 connections that relays commonly grant.
const SLOW_PLACES: usize = 32;
/// How long a letter is ours; a crash delays it by this much.
const LEASE: Duration = Duration::from_mins(1);

/// What the delivery needs; clones of the parts may be used elsewhere.
#[derive(Clone, Debug)]
pub struct Delivery<C, T> {
    /// Where the outbox is.
    pub db: Db,
    /// The way that letters take.
    pub mailer: Mailer,
    /// When letters are due.
    pub clock: Clock,
    /// Spreads the attempts of replicas.
    pub random: Random,
    /// The sender: `accountd <no-reply@localhost>`.
    pub from: String,
    /// Woken after a mail was queued and committed, so that it leaves at once.
    pub wake: Arc<Notify>,
    /// Computes the code that a mail brings; none if it cannot be computed any more.
    pub code_of: C,
    /// A realm's title for people, by its name.
    pub title_of: T,
}

/// Two kinds of places, so that addresses which never answer cannot fill the first.
struct Places {
    quick: Arc<Semaphore>,
    slow: Arc<Semaphore>,
}

/// Sends what is in the outbox until `shutdown`, then waits for the letters under way, which the mailer's timeout bounds.
///
/// A letter leaves once, unless a process dies or a relay falls silent with the letter in its hands: then it may leave
/// again, three times in all, under the same Message-ID.
pub async fn run<C, T>(delivery: Delivery<C, T>, shutdown: CancellationToken)
where
    C: Fn(&Mail) -> Option<String> + Send + Sync + Clone + 'static,
    T: Fn(&str) -> String + Send + Sync + Clone + 'static,
{
    let delivery = Arc::new(delivery);
    let places = Places {
        quick: Arc::new(Semaphore::new(PLACES)),
        slow: Arc::new(Semaphore::new(SLOW_PLACES)),
    };
    let mut letters = JoinSet::new();
    loop {
        let is_more = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            is_more = take_out(&delivery, &places, &mut letters) => is_more,
        };
        while letters.try_join_next().is_some() {}
        tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            () = delivery.wake.notified() => {}
            _ = places.quick.acquire(), if is_more => {}
            () = sleep(POLL) => {}
        }
    }
    while letters.join_next().await.is_some() {}
}

/// Takes out as many letters as there are places and starts to send them. True if more may be waiting.
async fn take_out<C, T>(
    delivery: &Arc<Delivery<C, T>>,
    places: &Places,
    letters: &mut JoinSet<()>,
) -> bool
where
    C: Fn(&Mail) -> Option<String> + Send + Sync + 'static,
    T: Fn(&str) -> String + Send + Sync + 'static,
{
    let mut free = Vec::with_capacity(BATCH);
    while free.len() < BATCH
        && let Ok(place) = Arc::clone(&places.quick).try_acquire_owned()
    {
        free.push(place);
    }
    if free.is_empty() {
        return true;
    }
    let now = delivery.clock.now().millis();
    let rows = match outbox::claim(&delivery.db, now, free.len() as u64, LEASE).await {
        Ok(rows) => rows,
        Err(error) => {
            note_unavailable(&error);
            tracing::warn!(%error, "the outbox cannot be read");
            return false;
        }
    };
    let is_more = rows.len() == free.len();
    for (row, place) in rows.into_iter().zip(free) {
        let delivery = Arc::clone(delivery);
        let slow = Arc::clone(&places.slow);
        letters.spawn(async move { letter::deliver(&delivery, row, place, &slow).await });
    }
    is_more
}

/// Counts a statement that the database did not answer.
fn note_unavailable(error: &DbErr) {
    if fault(error) == Fault::Unavailable {
        metrics::sql_unavailable();
    }
}
