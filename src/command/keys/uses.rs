//! What in the database lives by each root secret.

use std::{collections::BTreeMap, fmt};

use sea_orm::DbErr;

use crate::{
    accounts::password::{PEPPERED, pepper_mark},
    keys::{Id, Kind, Listed},
    store::{Db, account, session},
};

/// What lives by the root secrets, as it was counted.
#[derive(Clone, Debug, Default)]
pub struct Uses {
    by_secret: BTreeMap<String, Count>,
    lost: Count,
}

/// Rows that are of no use without a secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Sessions whose refresh tokens are derived from it.
    pub sessions: u64,
    /// Passwords that are hashed with its pepper.
    pub passwords: u64,
}

impl Uses {
    /// Counts what lives by the secrets among `keys`, and by those that are not among them. Each secret costs one pass over
    /// the accounts.
    pub async fn count(db: &Db, keys: &[Listed]) -> Result<Self, DbErr> {
        let mut uses = Self::default();
        uses.lost.passwords = account::Entity::count_hashed_with(db, PEPPERED).await?;
        for key in keys.iter().filter(|key| key.kind == Kind::Secret) {
            let mark = pepper_mark(key.id.as_str());
            let passwords = account::Entity::count_hashed_with(db, &mark).await?;
            uses.lost.passwords = uses.lost.passwords.saturating_sub(passwords);
            let count = Count {
                passwords,
                ..Count::default()
            };
            uses.by_secret.insert(key.id.to_string(), count);
        }
        for (secret, sessions) in session::Entity::count_by_secret(db).await? {
            let count = uses.by_secret.get_mut(&secret).unwrap_or(&mut uses.lost);
            count.sessions += sessions;
        }
        Ok(uses)
    }

    /// What lives by that secret.
    pub fn by(&self, id: &Id) -> Count {
        self.by_secret.get(id.as_str()).copied().unwrap_or_default()
    }

    /// What lives by secrets that are not there.
    pub fn lost(&self) -> Count {
        self.lost
    }
}

impl Count {
    /// Whether nothing lives by it.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "sessions: {}, passwords: {}",
            self.sessions, self.passwords
        )
    }
}
