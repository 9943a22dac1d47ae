//! A code for an address that has no account yet, or for a new password.

use std::sync::Arc;

use super::fields::Email;
use crate::{
    app::{App, Call, Realm},
    codes::{self, Challenge, Issue, issue::Again},
    error::{Error, Result},
    mails::{self, Locale, Purpose},
    replay,
    store::{
        self,
        account::{self, Name, State},
    },
};

/// Where the code goes and what it is for.
#[derive(Debug)]
pub struct Input {
    /// The population.
    pub realm: Arc<Realm>,
    /// The address.
    pub email: Email,
    /// `ProveAddress` or `ResetPassword`.
    pub purpose: Purpose,
    /// The language of the mail where no account tells it.
    pub locale: Locale,
}

/// Sends a code to an address. For a new password a mail goes out only if an active account has the address; the
/// answer, its limits and its work are the same (EN-03).
///
/// Refusals: `CODE_RESEND_TOO_SOON`, `CODE_QUOTA_EXCEEDED`, `FEATURE_DISABLED`.
pub async fn request_otp(app: &App, call: &Call, input: &Input) -> Result<Challenge> {
    if input.purpose == Purpose::ResetPassword && !input.realm.rules.password_reset {
        return Err(Error::FeatureDisabled {
            feature: "password_reset",
        });
    }
    store::retrying(Error::met_another, || attempt(app, call, input)).await
}

async fn attempt(app: &App, call: &Call, input: &Input) -> Result<Challenge> {
    let realm = &*input.realm;
    let canonical = input.email.canonical();
    let tx = store::begin(&app.db).await?;
    let name = Name::Email(canonical.to_owned());
    let account = account::Entity::find_by_name(&tx, realm.name(), &name)
        .await?
        .filter(|account| account.state == State::Active);
    let proves = input.purpose == Purpose::ProveAddress;
    let locale = account
        .as_ref()
        .map_or(input.locale, |account| realm.locale_of(account));
    let address = account
        .as_ref()
        .and_then(|account| account.email.as_deref())
        .filter(|_| !proves);
    let issue = Issue {
        realm,
        purpose: input.purpose,
        subject: codes::of_address(canonical),
        account_id: account
            .as_ref()
            .map(|account| account.id)
            .filter(|_| !proves),
        canonical,
        // A mail about an account goes to the address that the account has, never to a spelling of it.
        address: address.unwrap_or(input.email.typed()),
        deliver: proves || account.is_some(),
        locale,
        again: Again::Refuse,
    };
    let mut challenge = codes::issue(app, &tx, call, &issue).await?;
    // The account behind an address is not the caller's to know.
    challenge.account_id = None;
    challenge.address = mails::mask_address(input.email.typed());
    replay::keep(app, &tx, call, &challenge).await?;
    tx.commit().await?;
    app.mail.notify_one();
    Ok(challenge)
}
