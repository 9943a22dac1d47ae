//! Which limits there are, and where each is counted.

use std::{collections::BTreeMap, time::Duration};

use super::{Limit, Whose};
use crate::{
    accounts::limit,
    app::{App, Call},
    backend::{Timestamp, kv::Rate},
    codes::DAY,
    error::Result,
    store::{account, code},
};

/// A limit, and where it is counted.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    /// A bucket of the key-value store.
    Bucket { bucket: String, rate: Rate },
    /// The codes of one purpose, counted in SQL.
    Codes {
        purpose: String,
        rows: Vec<code::Model>,
        daily: u32,
        in_a_row: u32,
    },
}

/// All limits that concern the account and the address.
pub(super) async fn sources(
    app: &App,
    call: &Call,
    whose: &Whose,
    account: Option<&account::Model>,
) -> Result<Vec<Source>> {
    let mut found = buckets(app, call, whose, account);
    let Some(account) = account else {
        return Ok(found);
    };
    let email = account.email_canonical.as_deref();
    let rows = code::Entity::list_of(&app.db, &account.realm, account.id, email).await?;
    let mut purposes: BTreeMap<String, Vec<code::Model>> = BTreeMap::new();
    for row in rows {
        purposes.entry(row.purpose.clone()).or_default().push(row);
    }
    found.extend(purposes.into_iter().map(|(purpose, rows)| Source {
        name: format!("code:{purpose}"),
        kind: Kind::Codes {
            purpose,
            rows,
            daily: whose.realm.rules.code_daily,
            in_a_row: whose.realm.rules.code_in_a_row,
        },
    }));
    Ok(found)
}

fn buckets(app: &App, call: &Call, whose: &Whose, account: Option<&account::Model>) -> Vec<Source> {
    let limits = app.policy.load().limits.clone();
    let rate = |burst, period| Rate { burst, period };
    let bucket = |name: &str, bucket: String, rate: Rate| Source {
        name: name.to_owned(),
        kind: Kind::Bucket { bucket, rate },
    };
    let mut found = Vec::new();
    // What comes from an address is counted over all realms.
    let is_of_all_realms = call
        .operator
        .as_ref()
        .is_some_and(|operator| operator.is_of_all_realms());
    if let Some(peer) = whose.peer.filter(|_| is_of_all_realms) {
        let of_address = rate(limits.address_burst, limits.address_period);
        found.push(bucket("address", limit::of_address(peer), of_address));
    }
    if let Some(account) = account {
        let whom = account.id.to_string();
        let realm = whose.realm.name();
        if let Some(peer) = whose.peer {
            let of_login = rate(limits.login_burst, limits.login_period);
            let key = limit::of_login_from(realm, &whom, peer);
            found.push(bucket("login", key, of_login));
        }
        let of_account = rate(limits.account_burst, limits.account_period);
        found.push(bucket("account", limit::of_login(realm, &whom), of_account));
        let of_pictures = rate(limits.picture_burst, limits.picture_period);
        found.push(bucket(
            "picture",
            limit::of_pictures(account.id),
            of_pictures,
        ));
    }
    found
}

impl Source {
    /// How much there is.
    pub(super) const fn most(&self) -> u32 {
        match &self.kind {
            Kind::Bucket { rate, .. } => rate.burst,
            Kind::Codes { daily, .. } => *daily,
        }
    }

    /// How much is used up.
    pub(super) async fn look(&self, app: &App) -> Result<Limit> {
        let now = app.clock.now();
        let limit = Limit {
            name: self.name.clone(),
            used: 0,
            most: self.most(),
            retry_at: None,
            full_at: None,
        };
        match &self.kind {
            Kind::Bucket { rate, .. } if rate.burst == 0 => Ok(limit),
            Kind::Bucket { bucket, rate } => {
                // Where the store does not answer, this process counts alone.
                let full_in = match app.kv.used(bucket).await {
                    Ok(full_in) => full_in,
                    Err(_) => app.local.used(bucket).await?,
                };
                Ok(of_bucket(limit, *rate, full_in, now))
            }
            Kind::Codes { rows, in_a_row, .. } => Ok(of_codes(limit, rows, *in_a_row, now)),
        }
    }
}

fn of_bucket(limit: Limit, rate: Rate, full_in: Duration, now: Timestamp) -> Limit {
    // As when one is taken: a bucket is never emptier than empty, whatever a slower rate has left behind.
    let full_in = full_in.min(rate.period.saturating_mul(rate.burst));
    let used = full_in.as_nanos().div_ceil(rate.period.as_nanos().max(1));
    let used = u32::try_from(used).unwrap_or(u32::MAX).min(rate.burst);
    // One more is taken when it fits.
    let wait = (full_in + rate.period).saturating_sub(rate.period.saturating_mul(rate.burst));
    Limit {
        used,
        retry_at: (!wait.is_zero()).then(|| (now + wait).millis()),
        full_at: (!full_in.is_zero()).then(|| (now + full_in).millis()),
        ..limit
    }
}

fn of_codes(mut limit: Limit, rows: &[code::Model], in_a_row: u32, now: Timestamp) -> Limit {
    for row in rows {
        let day_end = Timestamp::from_millis(row.window_started_at) + DAY;
        let row_end = Timestamp::from_millis(row.issued_at) + DAY;
        let issues = if now < day_end {
            row.window_issues.unsigned_abs()
        } else {
            0
        };
        if issues > 0 {
            limit.used = limit.used.max(issues);
            limit.full_at = limit.full_at.max(Some(day_end.millis()));
        }
        let is_day_spent = issues >= limit.most;
        let is_row_spent = row.issues_in_a_row.unsigned_abs() >= in_a_row && now < row_end;
        let until = match (is_day_spent, is_row_spent) {
            (true, true) => Some(day_end.millis().max(row_end.millis())),
            (true, false) => Some(day_end.millis()),
            (false, true) => Some(row_end.millis()),
            (false, false) => None,
        };
        limit.retry_at = limit.retry_at.max(until);
        if is_row_spent {
            limit.full_at = limit.full_at.max(until);
        }
    }
    limit
}
