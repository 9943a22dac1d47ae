//! What an operation may touch, and what it knows of the call that asked for it.

use std::{collections::BTreeMap, net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use sea_orm::ConnectionTrait;
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    accounts::{
        Held,
        fields::{AttributeSchema, Email},
        password::HashPool,
        picture,
        revocation::Alarm,
    },
    backend::{Clock, Kv, Objects, Random},
    config,
    error::{Error, Result},
    faults::Faults,
    keys::Keys,
    mails::{self, Locale, Mail, Order},
    operators::Operator,
    pictures::Studio,
    replay,
    sessions::token::{Expected, Verified},
    store::{Db, account},
};

/// Everything that an operation may touch.
#[derive(Debug)]
pub struct App {
    /// What follows the configuration. A call takes what it needs once, and ends by it.
    pub policy: ArcSwap<Policy>,
    /// The truth.
    pub db: Db,
    /// The same, for lists of operators: these may read more rows than the statement of a call has time for, on connections
    /// that no call waits for.
    pub lists: Db,
    /// What may be forgotten: live codes, marks of revoked sessions, limits, claims on request ids.
    pub kv: Kv,
    /// Limits of this process alone, for the time that `kv` does not answer.
    pub local: Kv,
    /// Tells the operator of marks of ended sessions that `kv` had lost.
    pub marks_restored: Alarm,
    /// Where pictures are kept.
    pub objects: Objects,
    /// Pictures that were fetched lately.
    pub cache: picture::Cache,
    /// Where passwords are hashed.
    pub hashing: HashPool,
    /// Where pictures are drawn anew.
    pub studio: Studio,
    /// What bounds the streams of pictures.
    pub pictures: config::Pictures,
    /// The directory that uploads wait in while they arrive.
    pub spool: PathBuf,
    /// Signing keys and root secrets.
    pub keys: Keys,
    /// Access tokens that need not be verified again.
    pub verified: Verified,
    /// Callers whom SQL need not be asked for again.
    pub held: Held,
    /// The time of day.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// What is broken on purpose: nothing, but in tests.
    pub faults: Faults,
    /// Wakes the outbox worker after a commit that has put a mail into it.
    pub mail: Arc<Notify>,
}

/// What follows the configuration without a restart.
#[derive(Debug)]
pub struct Policy {
    /// The populations that are served, by name.
    pub realms: BTreeMap<String, Arc<Realm>>,
    /// How often what may be tried.
    pub limits: config::Limits,
    /// What every access token must say, and what ours do.
    pub tokens: Expected,
}

/// A population with its rules, ready to be applied.
#[derive(Debug)]
pub struct Realm {
    /// The rules as configured.
    pub rules: config::Realm,
    /// The compiled schema of extra attributes.
    pub attributes: Option<AttributeSchema>,
    /// The longest life of its access tokens that may be about: `access_lifetime` may have been longer.
    pub longest_token: Duration,
}

impl Realm {
    /// The realm's name.
    pub fn name(&self) -> &str {
        &self.rules.name
    }

    /// The language of mails to the account.
    pub fn locale_of(&self, account: &account::Model) -> Locale {
        Locale::parse(&account.locale).unwrap_or(self.rules.locale)
    }
}

impl App {
    /// The realm of that name; the empty name means `default`.
    ///
    /// Refusals: `REALM_UNKNOWN`.
    pub fn realm(&self, name: &str) -> Result<Arc<Realm>> {
        let name = if name.is_empty() { "default" } else { name };
        self.served(name).ok_or_else(|| {
            // The name goes into the answer, so what cannot be a name is cut off.
            let realm = name.chars().filter(char::is_ascii_graphic).take(64);
            Error::RealmUnknown {
                realm: realm.collect(),
            }
        })
    }

    /// The realm of that very name, if it is served.
    pub fn served(&self, name: &str) -> Option<Arc<Realm>> {
        self.policy.load().realms.get(name).cloned()
    }

    /// Puts a mail into the outbox, in the transaction of what it tells of. The caller wakes the outbox after its commit.
    pub async fn post(
        &self,
        tx: &impl ConnectionTrait,
        realm: &str,
        recipient: &str,
        locale: Locale,
        mail: &Mail,
    ) -> Result<()> {
        let now = self.clock.now();
        // The domain in the form that every relay understands (RFC 5890).
        let address = Email::parse(recipient);
        let recipient = address.as_ref().map_or(recipient, Email::for_sending);
        let order = Order {
            id: self.random.id(now),
            realm,
            recipient,
            locale,
            mail,
        };
        Ok(mails::queue(tx, now, order).await?)
    }
}

/// What is known of the call that an operation works for.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its id, as the log and the audit events have it.
    pub request_id: String,
    /// Where it came from.
    pub peer: IpAddr,
    /// What the client calls itself, at most 256 bytes.
    pub user_agent: String,
    /// Cancelled when its client leaves before the answer.
    pub gone: CancellationToken,
    /// When its caller stops waiting.
    pub deadline: Option<Instant>,
    /// The bearer token of its metadata.
    pub bearer: Option<Arc<str>>,
    /// The only realm whose tokens the caller takes, where its metadata says one.
    pub realm: Option<Arc<str>>,
    /// The operator that makes the call; none for everybody else.
    pub operator: Option<Arc<Operator>>,
    /// The name that the client gave to the request, where it is one that changes something.
    pub named: Option<replay::Name>,
}

impl Call {
    /// Whether the caller takes tokens of that realm.
    pub fn takes(&self, realm: &str) -> bool {
        self.realm.as_deref().is_none_or(|only| only == realm)
    }
}
