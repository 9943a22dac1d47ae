//! Whose budget a code counts against.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{
    app::Realm,
    error::Result,
    mails::Purpose,
    store::{
        account::{self, Name},
        code,
    },
};

/// How a caller names the code that it has or wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// By the account that it acts on.
    Account(Uuid),
    /// By a name of that account, in canonical form.
    Name(Name),
    /// By the canonical address that it was sent to.
    Address(String),
}

/// The subject of codes that are sent to an address: whatever is registered for it, its mailbox has one budget.
pub fn of_address(canonical: &str) -> String {
    format!("mail:{canonical}")
}

/// The subject of codes that belong to an account.
pub fn of_account(id: Uuid) -> String {
    format!("account:{id}")
}

/// The key of a live code in the key-value store.
pub(super) fn live_key(row: &code::Model) -> String {
    format!("{}/{}/{}", row.realm, row.purpose, row.subject)
}

/// The account that the subject names, pending or not.
pub async fn find_account(
    db: &impl ConnectionTrait,
    realm: &Realm,
    subject: &Subject,
) -> Result<Option<account::Model>> {
    let realm = realm.name();
    let found = match subject {
        Subject::Account(id) => account::Entity::find_in_realm(db, realm, *id).await?,
        Subject::Name(name) => account::Entity::find_by_name(db, realm, name).await?,
        Subject::Address(canonical) => {
            let name = Name::Email(canonical.clone());
            account::Entity::find_by_name(db, realm, &name).await?
        }
    };
    Ok(found)
}

/// The row of the last issue that the caller may mean.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    realm: &Realm,
    purpose: Purpose,
    subject: &Subject,
) -> Result<Option<code::Model>> {
    let account_id = match subject {
        Subject::Account(id) => *id,
        Subject::Address(canonical) => {
            let subject = of_address(canonical);
            return Ok(
                code::Entity::find_by_subject(db, realm.name(), purpose.as_str(), &subject).await?,
            );
        }
        Subject::Name(name) => {
            let account = account::Entity::find_by_name(db, realm.name(), name).await?;
            let Some(account) = account else {
                return Ok(None);
            };
            account.id
        }
    };
    Ok(code::Entity::find_by_account(db, realm.name(), purpose.as_str(), account_id).await?)
}
