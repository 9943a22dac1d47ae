//! Sending a code.

use std::time::Duration;

use sea_orm::{ActiveModelTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _};
use uuid::Uuid;

use super::{Challenge, subject::live_key};
use crate::{
    app::{App, Call, Realm},
    backend::{Timestamp, kv::LiveCode},
    error::{Error, Result},
    faults::Bug,
    mails::{Locale, Mail, Purpose},
    metrics::{self, Issued},
    replay,
    store::code,
};

/// The day of the daily budget.
pub const DAY: Duration = Duration::from_hours(24);

/// A code to send.
#[derive(Debug)]
pub struct Issue<'a> {
    /// The population.
    pub realm: &'a Realm,
    /// What the code proves.
    pub purpose: Purpose,
    /// Whose budget it counts against.
    pub subject: String,
    /// The account that it acts on.
    pub account_id: Option<Uuid>,
    /// The canonical address.
    pub canonical: &'a str,
    /// The address as typed.
    pub address: &'a str,
    /// Whether a mail goes out. Without one, everything else happens alike: no stranger can tell the difference.
    pub deliver: bool,
    /// The language of the mail.
    pub locale: Locale,
    /// What happens while an earlier code is out.
    pub again: Again,
}

/// What happens when a code is asked for while the cool-down of an earlier one lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// It is refused with `CODE_RESEND_TOO_SOON`.
    Refuse,
    /// The code that is out serves, if it still can: nothing is sent.
    Reuse,
    /// It is sent all the same: the earlier code belonged to something that is gone. The daily budget still holds.
    Replace,
}

/// Sends a code, inside the transaction of what it is for. The caller wakes the outbox after its commit.
///
/// Refusals: `CODE_RESEND_TOO_SOON`, `CODE_QUOTA_EXCEEDED`, `DEPENDENCY_UNAVAILABLE`; `REQUEST_ID_REUSED` where another
/// delivery of the call was answered meanwhile.
pub async fn issue(
    app: &App,
    tx: &impl ConnectionTrait,
    call: &Call,
    wanted: &Issue<'_>,
) -> Result<Challenge> {
    let (realm, purpose) = (wanted.realm.name(), wanted.purpose.as_str());
    let before = code::Entity::lock(tx, realm, purpose, &wanted.subject).await?;
    issue_after(app, tx, call, before, wanted).await
}

/// [`issue()`], where the transaction has locked the last issue of the subject already.
pub(super) async fn issue_after(
    app: &App,
    tx: &impl ConnectionTrait,
    call: &Call,
    before: Option<code::Model>,
    wanted: &Issue<'_>,
) -> Result<Challenge> {
    let now = app.clock.now();
    let rules = &wanted.realm.rules;
    let realm = wanted.realm.name();
    let purpose = wanted.purpose.as_str();
    // Here deliveries of one call meet. The live half of the code that the first has sent is not in the transaction, and
    // would be overwritten for good.
    replay::refuse_repeated(app, tx, call).await?;
    if let Some(row) = &before
        && is_cooling(app, wanted, row, now).await?
    {
        if wanted.again == Again::Reuse && row.account_id == wanted.account_id {
            metrics::code_issued(purpose, Issued::Reused);
            return Ok(Challenge::of(
                row,
                wanted.realm,
                wanted.purpose,
                wanted.address,
            ));
        }
        metrics::code_issued(purpose, Issued::TooSoon);
        let at = Timestamp::from_millis(row.issued_at) + rules.code_cooldown;
        return Err(Error::CodeResendTooSoon {
            retry: at - now,
            at,
        });
    }
    let counted = before
        .as_ref()
        .filter(|_| !app.faults.has(Bug::ResendRenewsTheBudget));
    let budget = Budget::spend(counted, rules, now)
        .inspect_err(|_| metrics::code_issued(purpose, Issued::Quota))?;
    let issue = app.random.id(now);
    let nonce = app.random.bytes();
    let key_id = app.keys.secret_id();
    let lifetime = if app.faults.has(Bug::CodesLiveForADay) {
        DAY
    } else {
        rules.code_lifetime
    };
    let row = code::Model {
        realm: realm.to_owned(),
        purpose: purpose.to_owned(),
        subject: wanted.subject.clone(),
        issue,
        account_id: wanted.account_id,
        address: wanted.canonical.to_owned(),
        issued_at: now.millis(),
        expires_at: (now + lifetime).millis(),
        consumed_at: None,
        window_started_at: budget.window_started_at,
        window_issues: budget.window_issues,
        issues_in_a_row: budget.issues_in_a_row,
        wrong_guesses: 0,
    };
    let active = row.clone().into_active_model().reset_all();
    if before.is_some() {
        active.update(tx).await?;
    } else {
        // Two first issues at once meet in the primary key, and the second looks again.
        code::Entity::insert(active)
            .exec_without_returning(tx)
            .await?;
    }
    if wanted.deliver {
        let mail = Mail::Code {
            purpose: wanted.purpose,
            issue,
            nonce,
            key_id: key_id.clone(),
            subject: wanted.subject.clone(),
            digits: rules.code_digits,
            lifetime_seconds: rules.code_lifetime.as_secs(),
        };
        app.post(tx, realm, wanted.address, wanted.locale, &mail)
            .await?;
    }
    // Before the commit: a code that is live although its mail was never sent harms nobody, the reverse does.
    let live = LiveCode {
        issue,
        nonce,
        key_id,
        guesses: rules.code_guesses,
    };
    app.kv
        .put_code(&live_key(&row), &live, rules.code_lifetime)
        .await?;
    let outcome = if wanted.deliver {
        Issued::Mailed
    } else {
        Issued::Unmailed
    };
    metrics::code_issued(purpose, outcome);
    Ok(Challenge::of(
        &row,
        wanted.realm,
        wanted.purpose,
        wanted.address,
    ))
}

async fn is_cooling(
    app: &App,
    wanted: &Issue<'_>,
    row: &code::Model,
    now: Timestamp,
) -> Result<bool> {
    let rules = &wanted.realm.rules;
    let until = Timestamp::from_millis(row.issued_at) + rules.code_cooldown;
    if wanted.again == Again::Replace || row.consumed_at.is_some() || now >= until {
        return Ok(false);
    }
    if !rules.code_replace_when_spent {
        return Ok(true);
    }
    let is_spent = row.guesses_left(rules.code_guesses) == 0;
    Ok(!is_spent && !app.kv.is_spent(&live_key(row)).await?)
}

/// The counters of a subject after one more issue.
struct Budget {
    window_started_at: i64,
    window_issues: i32,
    issues_in_a_row: i32,
}

impl Budget {
    /// Counts one more issue, unless the day's or the row's are used up.
    ///
    /// Issues are counted in SQL, as wrong guesses at each are: so are the guesses of a day and those in a row bounded,
    /// whatever the key-value store loses (I4; NIST SP 800-63B-4, 3.2.2).
    fn spend(
        before: Option<&code::Model>,
        rules: &crate::config::Realm,
        now: Timestamp,
    ) -> Result<Self> {
        let mut after = Self {
            window_started_at: now.millis(),
            window_issues: 0,
            issues_in_a_row: 0,
        };
        if let Some(row) = before {
            let day_end = Timestamp::from_millis(row.window_started_at) + DAY;
            if now < day_end {
                after.window_started_at = row.window_started_at;
                after.window_issues = row.window_issues;
                if i64::from(row.window_issues) >= i64::from(rules.code_daily) {
                    return Err(used_up(day_end, now));
                }
            }
            let row_end = Timestamp::from_millis(row.issued_at) + DAY;
            if i64::from(row.issues_in_a_row) < i64::from(rules.code_in_a_row) {
                after.issues_in_a_row = row.issues_in_a_row;
            } else if now < row_end {
                return Err(used_up(row_end, now));
            }
        }
        after.window_issues += 1;
        after.issues_in_a_row += 1;
        Ok(after)
    }
}

fn used_up(at: Timestamp, now: Timestamp) -> Error {
    Error::CodeQuotaExceeded {
        retry: at - now,
        at,
    }
}
