//! One letter, from its row to the relay and back into the outbox if need be.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt as _;
use sea_orm::DbErr;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

use super::{Delivery, backoff, note_unavailable};
use crate::{
    backend::{SendError, Timestamp, mail::Letter},
    faults::Bug,
    mails::{Context, Locale, Mail, compose, mask_address},
    metrics::{self, MailOutcome},
    store::outbox,
    traces::Child,
};

/// How long a letter may hold up others; a slower one goes on in a slow place, if there is one left.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many copies of one letter may reach an address.
const COPIES_MAX: i32 = 3;
/// How long a letter without an end of its own is tried: what a mail relay allows by custom.
const KEEP: Duration = Duration::from_hours(72);
/// How often what became of a letter is written down, should the database fail.
const WRITES: u32 = 3;

/// Sends the letter in `row` and writes down what became of it.
pub(super) async fn deliver<C, T>(
    delivery: &Delivery<C, T>,
    row: outbox::Model,
    place: OwnedSemaphorePermit,
    slow: &Semaphore,
) where
    C: Fn(&Mail) -> Option<String>,
    T: Fn(&str) -> String,
{
    let to = mask_address(&row.recipient);
    if let Some(reason) = is_over(&row, delivery.clock.now()) {
        metrics::mail_attempted(MailOutcome::Dropped);
        tracing::warn!(id = %row.id, realm = %row.realm, to, reason, last_error = row.last_error, "mail dropped");
        settle(delivery, &row, None).await;
        return;
    }
    let mut traced = Child::letter();
    let sent = patiently(send(delivery, &row), place, slow).await;
    let outcome = outcome(&sent);
    metrics::mail_attempted(outcome);
    match outcome {
        MailOutcome::Sent | MailOutcome::Closed => traced.outcome(outcome.word()),
        _ => traced.failed(outcome.word()),
    }
    drop(traced);
    match sent {
        Ok(()) => settle(delivery, &row, None).await,
        Err(error @ SendError::Never(_)) => {
            tracing::warn!(id = %row.id, realm = %row.realm, to, %error, "mail given up");
            settle(delivery, &row, None).await;
        }
        Err(error) => {
            tracing::info!(id = %row.id, realm = %row.realm, to, %error, "mail put back");
            settle(delivery, &row, Some(&error)).await;
        }
    }
}

const fn outcome(sent: &Result<(), SendError>) -> MailOutcome {
    match sent {
        Ok(()) => MailOutcome::Sent,
        Err(SendError::Closed(_)) => MailOutcome::Closed,
        Err(SendError::Later(_)) => MailOutcome::Later,
        Err(SendError::Unsure(_)) => MailOutcome::Unsure,
        Err(SendError::Never(_)) => MailOutcome::Never,
    }
}

/// Why a letter is of no use any more.
fn is_over(row: &outbox::Model, now: Timestamp) -> Option<&'static str> {
    let age = now - Timestamp::from_millis(row.created_at);
    if row.not_after.is_some_and(|end| end <= now.millis()) {
        Some("it has expired")
    } else if row.copies > COPIES_MAX {
        Some("as many copies as may be have left")
    } else if age > KEEP {
        Some("it is too old")
    } else {
        None
    }
}

/// Waits for a letter, but gives its place to the next one when the relay is slow.
async fn patiently(
    sending: impl Future<Output = Result<(), SendError>>,
    place: OwnedSemaphorePermit,
    slow: &Semaphore,
) -> Result<(), SendError> {
    // One letter that cannot be put into words must not end the delivery of all the others.
    let sending = AssertUnwindSafe(sending).catch_unwind();
    tokio::pin!(sending);
    let sent = if let Ok(sent) = timeout(PATIENCE, &mut sending).await {
        sent
    } else {
        tokio::select! {
            sent = &mut sending => sent,
            slow_place = slow.acquire() => {
                drop(place);
                let sent = sending.await;
                drop(slow_place);
                sent
            }
        }
    };
    sent.unwrap_or_else(|_| Err(SendError::Unsure("a panic".to_owned())))
}

async fn send<C, T>(delivery: &Delivery<C, T>, row: &outbox::Model) -> Result<(), SendError>
where
    C: Fn(&Mail) -> Option<String>,
    T: Fn(&str) -> String,
{
    // A newer replica may know this mail; its row waits for one.
    let mail: Mail = serde_json::from_str(&row.mail)
        .map_err(|_| SendError::Later("the mail is not known here".to_owned()))?;
    let code = (delivery.code_of)(&mail);
    if code.is_none() && matches!(mail, Mail::Code { .. }) {
        return Err(SendError::Later(
            "the key of its code is not known here".to_owned(),
        ));
    }
    let title = (delivery.title_of)(&row.realm);
    let context = Context {
        realm_title: &title,
        locale: Locale::parse(&row.locale).unwrap_or(Locale::En),
        code: code.as_deref(),
        at: Timestamp::from_millis(row.created_at),
    };
    let words = compose(&mail, &context).map_err(|error| SendError::Never(error.to_string()))?;
    let letter = Letter {
        id: row.id,
        from: delivery.from.clone(),
        to: row.recipient.clone(),
        subject: words.subject,
        text: words.text,
        html: words.html,
    };
    let faults = delivery.db.faults();
    let broken = |_| SendError::Unsure(String::from("on purpose"));
    faults
        .around(
            || String::from("mail send"),
            Box::pin(delivery.mailer.send(&letter)),
            broken,
        )
        .await
}

/// Removes the letter, or puts it back with the reason; tried again, since otherwise a sent letter is sent twice.
async fn settle<C, T>(delivery: &Delivery<C, T>, row: &outbox::Model, error: Option<&SendError>) {
    for write in 1..=WRITES {
        let Err(failure) = write_down(delivery, row, error).await else {
            return;
        };
        note_unavailable(&failure);
        tracing::warn!(id = %row.id, error = %failure, "the outbox cannot be written");
        if write < WRITES {
            sleep(Duration::from_secs(1)).await;
        }
    }
}

async fn write_down<C, T>(
    delivery: &Delivery<C, T>,
    row: &outbox::Model,
    error: Option<&SendError>,
) -> Result<(), DbErr> {
    let is_dropped = delivery.db.faults().has(Bug::MailIsTriedOnce);
    let Some(error) = error.filter(|_| !is_dropped) else {
        return outbox::done(&delivery.db, row.id).await;
    };
    let due = delivery.clock.now() + backoff::wait(row.attempts, error, &delivery.random);
    let may_have_left = matches!(error, SendError::Unsure(_));
    outbox::postpone(
        &delivery.db,
        row,
        due.millis(),
        &error.to_string(),
        may_have_left,
    )
    .await
}
