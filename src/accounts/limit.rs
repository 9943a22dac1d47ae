//! How often a password may be guessed.
//!
//! Three limits, all counted before the password is looked at: per account and client address, per account over all
//! addresses, and (in the policy of the gRPC face) per address. A success gives the account's back. An address that has
//! a live session of the account is not stopped by what others do to it, so that no stranger can keep the owner out
//! (I17).

use std::{net::IpAddr, time::Duration};

use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    accounts::fields::Password,
    app::{App, Call, Realm},
    backend::kv::{Rate, Taken, Unavailable},
    error::{Error, Result},
    store::{account, session},
};

/// Takes one from a limit, in this process alone while the key-value store does not answer.
///
/// Refusals: `RATE_LIMITED`. A burst of 0 turns the limit off.
pub async fn take(app: &App, limit: &'static str, bucket: &str, rate: Rate) -> Result<()> {
    if rate.burst == 0 {
        return Ok(());
    }
    let taken = match app.kv.take(bucket, rate).await {
        Ok(taken) => Ok(taken),
        Err(Unavailable { .. }) => app.local.take(bucket, rate).await,
    };
    match taken {
        Ok(Taken::Granted) => Ok(()),
        Ok(Taken::Wait(retry)) => Err(Error::RateLimited { limit, retry }),
        Err(_) => Err(Error::DependencyUnavailable { dependency: "kv" }),
    }
}

/// Takes one from what an address has.
///
/// Refusals: `RATE_LIMITED`.
pub async fn take_of_address(app: &App, address: IpAddr) -> Result<()> {
    let rate = {
        let policy = app.policy.load();
        Rate {
            burst: policy.limits.address_burst,
            period: policy.limits.address_period,
        }
    };
    take(app, "address", &of_address(address), rate).await
}

/// The part of an address that one subscriber holds: all of IPv4, the /64 of IPv6.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The bucket of what comes from an address.
pub fn of_address(address: IpAddr) -> String {
    format!("address/{}", network(address))
}

/// The bucket of tries at the password of `whom`, an account's id or the name of nobody.
pub fn of_login(realm: &str, whom: &str) -> String {
    format!("login/{realm}/{whom}")
}

/// The bucket of such tries from one address.
pub fn of_login_from(realm: &str, whom: &str, address: IpAddr) -> String {
    format!("login/{realm}/{whom}/{}", network(address))
}

/// The bucket of uploads to an account.
pub fn of_pictures(account_id: Uuid) -> String {
    format!("picture/{account_id}")
}

/// The attempts at one account's password that were counted for this call.
#[derive(Debug)]
pub struct Attempts {
    buckets: [String; 2],
}

impl Attempts {
    /// Counts one attempt at the password of `account`, or of nobody under the name `typed`.
    ///
    /// Refusals: `RATE_LIMITED`, at the same thresholds for an account and for nobody (EN-05).
    pub async fn of(
        app: &App,
        call: &Call,
        realm: &Realm,
        account: Option<&account::Model>,
        typed: &str,
    ) -> Result<Self> {
        let whom = account.map_or_else(
            || format!("name:{}", typed.to_lowercase()),
            |account| account.id.to_string(),
        );
        let buckets = [
            of_login_from(realm.name(), &whom, call.peer),
            of_login(realm.name(), &whom),
        ];
        let limits = app.policy.load().limits.clone();
        let here = Rate {
            burst: limits.login_burst,
            period: limits.login_period,
        };
        take(app, "login", &buckets[0], here).await?;
        let everywhere = Rate {
            burst: limits.account_burst,
            period: limits.account_period,
        };
        match take(app, "account", &buckets[1], everywhere).await {
            Err(limited @ Error::RateLimited { .. }) => {
                let known = match account {
                    Some(account) => {
                        let peer = call.peer.to_string();
                        session::Entity::knows_address(&app.db, account.id, &peer).await?
                    }
                    None => false,
                };
                if !known {
                    return Err(limited);
                }
            }
            done => done?,
        }
        Ok(Self { buckets })
    }

    /// Gives the attempts back: the password was right.
    pub async fn forget(&self, app: &App) {
        for bucket in &self.buckets {
            if let Err(error) = app.kv.forget(bucket).await {
                tracing::debug!(%error, "limit left to its time-out");
            }
            if let Err(error) = app.local.forget(bucket).await {
                tracing::debug!(%error, "limit left to its time-out");
            }
        }
    }
}

/// How long a login takes at the most to hash its password again: others want to log in.
const STRENGTHEN_WITHIN: Duration = Duration::from_millis(500);

/// Hashes a right password again with the parameters of today. The login goes on without, if that cannot be done soon.
pub async fn strengthen(app: &App, account: &account::Model, password: Password) {
    let soon = Instant::now() + STRENGTHEN_WITHIN;
    let hash = match app.hashing.hash_by(password, soon).await {
        Some(Ok(hash)) => hash,
        Some(Err(error)) => {
            tracing::debug!(?error, "weak hash left as it is");
            return;
        }
        None => {
            tracing::debug!("weak hash left for a quieter time");
            return;
        }
    };
    let old = &account.password_hash;
    if let Err(error) = account::Entity::strengthen_hash(&app.db, account.id, old, hash).await {
        tracing::debug!(%error, "weak hash left as it is");
    }
}
