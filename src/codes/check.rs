//! Taking a code back: count the guess, compare, and use the issue up in the transaction of what it allows.

use sea_orm::ConnectionTrait;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::{
    derive::{Derivation, derive},
    subject::{self, Subject, live_key},
};
use crate::{
    app::{App, Realm},
    backend::{
        Timestamp,
        kv::{Guess, LiveCode},
    },
    error::{Error, Result},
    faults::Bug,
    mails::Purpose,
    metrics::{self, Checked},
    store::code,
};

/// A code that a caller brings back.
#[derive(Debug)]
pub struct Presented<'a> {
    /// The population.
    pub realm: &'a Realm,
    /// What it is to prove.
    pub purpose: Purpose,
    /// Which code it is.
    pub subject: &'a Subject,
    /// Its digits.
    pub digits: &'a str,
    /// The issue, where the caller names it.
    pub challenge_id: Option<Uuid>,
}

/// A right code that is not used up yet.
#[derive(Debug)]
pub struct Proof {
    row: code::Model,
    /// Wrong guesses that the realm grants at it.
    granted: u32,
    discloses: bool,
    /// A known bug, put back.
    is_reusable: bool,
}

impl Proof {
    /// The account that the code acts on.
    pub const fn account_id(&self) -> Option<Uuid> {
        self.row.account_id
    }

    /// The canonical address that the code was sent to.
    pub fn address(&self) -> &str {
        &self.row.address
    }

    /// Uses the code up. Of all who bring it, one succeeds (I2).
    ///
    /// Refusals: `CODE_NOT_FOUND`, `CODE_INCORRECT`.
    pub async fn consume(&self, tx: &impl ConnectionTrait, now: Timestamp) -> Result<()> {
        let used = code::Entity::consume(tx, &self.row, self.granted, now.millis()).await?;
        if used || self.is_reusable {
            Ok(())
        } else {
            Err(self.refuse(Error::CodeNotFound))
        }
    }

    /// `error` as the realm tells it.
    pub fn refuse(&self, error: Error) -> Error {
        tell(self.discloses, error)
    }

    /// Forgets the live half of the code. It is of no more use, and its time-out would remove it anyway.
    pub async fn forget(&self, app: &App) {
        if let Err(error) = app.kv.drop_code(&live_key(&self.row), self.row.issue).await {
            tracing::debug!(%error, "used code left to its time-out");
        }
    }
}

/// Counts a guess and compares it (I4: in this order).
///
/// Refusals: `CODE_INCORRECT`, `CODE_EXPIRED`, `CODE_NOT_FOUND`, `CODE_ATTEMPTS_EXHAUSTED`; all of them are
/// `CODE_INCORRECT` where the realm does not disclose accounts.
pub async fn check(app: &App, presented: &Presented<'_>) -> Result<Proof> {
    let discloses = presented.realm.rules.disclose_accounts;
    let compared = compare(app, presented).await;
    if let Some(outcome) = outcome(&compared) {
        metrics::code_checked(presented.purpose.as_str(), outcome);
    }
    match compared {
        Ok(row) => Ok(Proof {
            row,
            granted: presented.realm.rules.code_guesses,
            discloses,
            is_reusable: app.faults.has(Bug::CodeIsUsedTwice),
        }),
        Err(error) => Err(tell(discloses, error)),
    }
}

/// What the code was found to be, if that could be told.
const fn outcome(compared: &Result<code::Model>) -> Option<Checked> {
    Some(match compared {
        Ok(_) => Checked::Right,
        Err(Error::CodeIncorrect { .. }) => Checked::Incorrect,
        Err(Error::CodeExpired) => Checked::Expired,
        Err(Error::CodeNotFound) => Checked::NotFound,
        Err(Error::CodeAttemptsExhausted { .. }) => Checked::Exhausted,
        Err(_) => return None,
    })
}

async fn compare(app: &App, presented: &Presented<'_>) -> Result<code::Model> {
    let Some(row) = find(app, presented).await? else {
        // The same round trip as for a code that exists, so that time tells nothing.
        guess(app, "nobody").await?;
        return Err(Error::CodeNotFound);
    };
    let now = app.clock.now();
    let counted = guess(app, &live_key(&row)).await?;
    let granted = presented.realm.rules.code_guesses;
    // The key-value store may be older than what SQL knows: of uses, and of wrong guesses.
    let is_over = row.consumed_at.is_some() || now.millis() >= row.expires_at;
    match counted {
        Guess::Live(live) if !is_over && row.guesses_left(granted) > 0 => {
            app.keys.learn(&live.key_id).await;
            if is_right(app, presented, &row, &live) {
                return_guess(app, &row).await;
                return Ok(row);
            }
            if app.faults.has(Bug::GuessesAreFree) {
                return_guess(app, &row).await;
            } else if !code::Entity::count_wrong_guess(&app.db, &row, live.issue, granted).await?
                && let Some(row) = find(app, presented).await?
                && row.issue == live.issue
                && row.guesses_left(granted) == 0
            {
                return Err(exhausted(&row, presented.realm, now));
            }
            let left = row.guesses_left(granted).saturating_sub(1);
            Err(Error::CodeIncorrect {
                attempts_left: Some(left.min(live.guesses)),
            })
        }
        Guess::Live(_) | Guess::Spent if !is_over => Err(exhausted(&row, presented.realm, now)),
        Guess::Absent if !is_over => {
            // Forgotten before its time, or used since it was read: only another look can tell.
            let again = find(app, presented).await?;
            if again.as_ref() == Some(&row) {
                metrics::code_forgotten();
                tracing::debug!("the key-value store has forgotten a code before its time");
            }
            Err(absent(&again.unwrap_or(row)))
        }
        Guess::Absent | Guess::Live(_) | Guess::Spent => Err(absent(&row)),
    }
}

async fn find(app: &App, presented: &Presented<'_>) -> Result<Option<code::Model>> {
    let Presented {
        realm,
        purpose,
        subject,
        ..
    } = presented;
    subject::find(&app.db, realm, *purpose, subject).await
}

async fn guess(app: &App, key: &str) -> Result<Guess> {
    Ok(app.kv.guess_code(key).await?)
}

/// A right code costs no guess: what it was brought for may still be refused for another reason, a taken user name say,
/// and then it must work the next time. Who has it needs no guesses, so the budget of those who guess stays the same.
async fn return_guess(app: &App, row: &code::Model) {
    if let Err(error) = app.kv.return_guess(&live_key(row), row.issue).await {
        tracing::debug!(%error, "guess stays counted");
    }
}

fn is_right(app: &App, presented: &Presented<'_>, row: &code::Model, live: &LiveCode) -> bool {
    let named = presented.challenge_id.is_none_or(|id| id == row.issue);
    let code = derive(
        &app.keys,
        &Derivation {
            purpose: presented.purpose,
            subject: &row.subject,
            issue: live.issue,
            nonce: live.nonce,
            key_id: &live.key_id,
            digits: presented.realm.rules.code_digits,
        },
    );
    let same = code.is_some_and(|code| code.as_bytes().ct_eq(presented.digits.as_bytes()).into());
    same && named && live.issue == row.issue
}

fn absent(row: &code::Model) -> Error {
    if row.consumed_at.is_some() {
        return Error::CodeNotFound;
    }
    // Also where the store has forgotten it before its time: a new one must be asked for either way.
    Error::CodeExpired
}

fn exhausted(row: &code::Model, realm: &Realm, now: Timestamp) -> Error {
    let at = if realm.rules.code_replace_when_spent {
        now
    } else {
        Timestamp::from_millis(row.issued_at) + realm.rules.code_cooldown
    };
    Error::CodeAttemptsExhausted {
        retry: at - now,
        at,
    }
}

/// Where accounts are not disclosed, a stranger cannot tell a wrong code from one that does not exist (EN-04).
fn tell(discloses: bool, error: Error) -> Error {
    match error {
        Error::CodeIncorrect { .. }
        | Error::CodeExpired
        | Error::CodeNotFound
        | Error::CodeAttemptsExhausted { .. }
            if !discloses =>
        {
            Error::CodeIncorrect {
                attempts_left: None,
            }
        }
        other => other,
    }
}
