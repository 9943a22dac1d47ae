//! Sending another code in place of the one that is out.

use std::sync::Arc;

use super::{
    Challenge, Issue, Subject,
    issue::{Again, issue_after},
    subject,
};
use crate::{
    app::{App, Call, Realm},
    error::{Error, Result},
    mails::{Locale, Purpose},
    replay,
    store::{self, account, code},
};

/// Which code is to be sent again.
#[derive(Debug)]
pub struct Input {
    /// The population.
    pub realm: Arc<Realm>,
    /// What the code proves.
    pub purpose: Purpose,
    /// Which code it is.
    pub subject: Subject,
    /// The canonical address that it must go to, where the caller names it.
    pub address: Option<String>,
}

/// Sends another code of the same purpose to the same address.
///
/// Refusals: `CODE_RESEND_TOO_SOON`, `CODE_QUOTA_EXCEEDED`, `CODE_NOT_FOUND`, `ACCOUNT_NOT_FOUND` (the last two only
/// where the realm discloses accounts; elsewhere an unknown account is answered as a known one).
pub async fn resend(app: &App, call: &Call, input: &Input) -> Result<Challenge> {
    store::retrying(Error::met_another, || attempt(app, call, input)).await
}

async fn attempt(app: &App, call: &Call, input: &Input) -> Result<Challenge> {
    let realm = &*input.realm;
    let target = target(app, input).await?;
    let tx = store::begin(&app.db).await?;
    let purpose = input.purpose.as_str();
    let row = code::Entity::lock(&tx, realm.name(), purpose, &target.subject).await?;
    // Used or made useless since it was looked at, it is none to be sent again (I8).
    if target.replaces.is_some() && target.replaces != row {
        return Err(Error::Conflict);
    }
    let challenge = issue_after(
        app,
        &tx,
        call,
        row,
        &Issue {
            realm,
            purpose: input.purpose,
            subject: target.subject,
            account_id: target.account_id,
            canonical: &target.canonical,
            address: &target.address,
            deliver: target.deliver,
            locale: target.locale,
            again: Again::Refuse,
        },
    )
    .await?;
    let challenge = shown(challenge, input);
    replay::keep(app, &tx, call, &challenge).await?;
    tx.commit().await?;
    app.mail.notify_one();
    Ok(challenge)
}

/// Where accounts are not disclosed, the answer repeats what the caller named and tells nothing else.
fn shown(mut challenge: Challenge, input: &Input) -> Challenge {
    if !input.realm.rules.disclose_accounts {
        match &input.subject {
            Subject::Account(id) => challenge.account_id = Some(*id),
            Subject::Name(_) | Subject::Address(_) => challenge.account_id = None,
        }
        if !matches!(input.subject, Subject::Address(_)) {
            challenge.address.clear();
        }
    }
    challenge
}

struct Target {
    /// The code that a new one is sent in the place of; none for nobody.
    replaces: Option<code::Model>,
    subject: String,
    account_id: Option<uuid::Uuid>,
    canonical: String,
    address: String,
    deliver: bool,
    locale: Locale,
}

/// Where the code goes: to the address of the account, never to one of the request.
async fn target(app: &App, input: &Input) -> Result<Target> {
    let realm = &*input.realm;
    let row = subject::find(&app.db, realm, input.purpose, &input.subject).await?;
    let account = subject::find_account(&app.db, realm, &input.subject).await?;
    match (account, row) {
        (Some(account), Some(row))
            if waits(&account, &row, input.purpose) && is_meant(input, &row) =>
        {
            let (address, deliver) = match input.purpose {
                Purpose::ChangeEmail => {
                    let is_free = is_free(app, realm, &account, &row.address).await?;
                    (account.pending_email.clone(), is_free)
                }
                _ => (account.email.clone(), true),
            };
            Ok(Target {
                subject: row.subject.clone(),
                account_id: Some(account.id),
                canonical: row.address.clone(),
                address: address.unwrap_or_default(),
                deliver,
                locale: realm.locale_of(&account),
                replaces: Some(row),
            })
        }
        (None, _) if realm.rules.disclose_accounts => Err(Error::AccountNotFound),
        (Some(_), _) if realm.rules.disclose_accounts => Err(Error::CodeNotFound),
        (_, row) => Ok(nobody(app, input, row)),
    }
}

/// Whether nobody else has the new address. To who has it, the first code was not sent either (EN-07).
async fn is_free(
    app: &App,
    realm: &Realm,
    account: &account::Model,
    canonical: &str,
) -> Result<bool> {
    let name = account::Name::Email(canonical.to_owned());
    let owner = account::Entity::find_by_name(&app.db, realm.name(), &name).await?;
    Ok(owner.is_none_or(|owner| owner.id == account.id || owner.state == account::State::Pending))
}

fn is_meant(input: &Input, row: &code::Model) -> bool {
    let address = input.address.as_ref();
    address.is_none_or(|address| *address == row.address)
}

fn waits(account: &account::Model, row: &code::Model, purpose: Purpose) -> bool {
    row.account_id == Some(account.id)
        && match purpose {
            // A stand-in for a taken address has none of its own.
            Purpose::Activate => {
                account.state == account::State::Pending
                    && account.email_canonical.as_ref() == Some(&row.address)
            }
            // The next login sends its own; this one is for a login that has begun.
            Purpose::Login => account.state == account::State::Active && row.consumed_at.is_none(),
            Purpose::ChangeEmail => {
                account.state == account::State::Active
                    && account.pending_email_canonical.as_ref() == Some(&row.address)
            }
            Purpose::ProveAddress | Purpose::ResetPassword => false,
        }
}

/// A target that gets no mail but has a budget, a cool-down and a challenge like any other (EN-03).
fn nobody(app: &App, input: &Input, row: Option<code::Model>) -> Target {
    let realm = input.realm.name();
    // A login code acts on its account without more ado: only a password makes a new one (OT-17).
    let row = row.filter(|_| input.purpose != Purpose::Login);
    let named = format!("{:?}", input.subject);
    let pseudonym = uuid::Builder::from_random_bytes(app.keys.pseudonym(&[
        realm.as_bytes(),
        input.purpose.as_str().as_bytes(),
        named.as_bytes(),
    ]))
    .into_uuid();
    let (subject, account_id, canonical) = row.map_or_else(
        || {
            let subject = match &input.subject {
                Subject::Address(canonical) => subject::of_address(canonical),
                Subject::Account(_) | Subject::Name(_) => subject::of_account(pseudonym),
            };
            (subject, Some(pseudonym), String::new())
        },
        |row| (row.subject, row.account_id, row.address),
    );
    let address = match &input.subject {
        Subject::Address(canonical) => canonical.clone(),
        Subject::Account(_) | Subject::Name(_) => String::new(),
    };
    Target {
        replaces: None,
        subject,
        account_id,
        canonical,
        address,
        deliver: false,
        locale: input.realm.rules.locale,
    }
}
