//! A new account: pending until its code comes back, or active at once.

use std::sync::Arc;

use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde::{Deserialize, Serialize};

use super::{
    fields::{BirthDate, Email, ExternalId, FullName, Password, Phone, Username},
    picture::new_ticket,
};
use crate::{
    app::{App, Call, Realm},
    audit::{self, Action, Trail},
    codes::{self, Challenge, Issue, Presented, Proof, Subject, issue::Again},
    config::Activation,
    error::{Error, Result},
    faults::Bug,
    mails::{Locale, Mail, Purpose},
    replay,
    store::{
        self, Transaction,
        account::{self, Name, State},
    },
};

/// What a person says of themselves, each value fit to be stored.
#[derive(Debug)]
pub struct Input {
    /// The population to join.
    pub realm: Arc<Realm>,
    /// The user name.
    pub username: Option<Username>,
    /// The email address.
    pub email: Option<Email>,
    /// The phone number.
    pub phone: Option<Phone>,
    /// The name.
    pub full_name: Option<FullName>,
    /// The date of birth.
    pub birth_date: Option<BirthDate>,
    /// The name in another system.
    pub external_id: Option<ExternalId>,
    /// Extra attributes that satisfy the realm's schema, as JSON.
    pub attributes: Option<String>,
    /// The language of mails.
    pub locale: Locale,
    /// The password.
    pub password: Password,
    /// The code got from `RequestOtp`, where the realm activates before registration.
    pub code: Option<String>,
    /// Whether a ticket for the picture is wanted.
    pub picture_ticket: bool,
}

/// The account, and the code that it waits for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Registered {
    /// The account as stored.
    pub account: account::Model,
    /// The code on its way.
    pub challenge: Option<Challenge>,
    /// The ticket for the picture.
    pub picture_ticket: Option<String>,
}

/// Makes an account.
///
/// Where the realm does not disclose accounts, a taken email is answered as a free one, with a challenge that nobody
/// can meet, and its owner is told by mail (EN-02). The unique indexes are the judges of uniqueness (I5).
///
/// Refusals: `USERNAME_TAKEN`, `EMAIL_TAKEN`, `PHONE_TAKEN`, `EXTERNAL_ID_TAKEN`, `CODE_REQUIRED`, `FEATURE_DISABLED`
/// for a ticket where the realm has no pictures, and those of [`codes::check()`].
pub async fn register(app: &App, call: &Call, input: &Input) -> Result<Registered> {
    let mut trail = Trail {
        realm: input.realm.name().to_owned(),
        ..Trail::default()
    };
    let done = decide(app, call, input, &mut trail).await;
    audit::refused(app, call, Action::Register, &trail, done).await
}

async fn decide(app: &App, call: &Call, input: &Input, trail: &mut Trail) -> Result<Registered> {
    if input.picture_ticket && !input.realm.rules.pictures {
        return Err(Error::FeatureDisabled {
            feature: "pictures",
        });
    }
    app.hashing.admit(call.deadline)?;
    let proof = prove_address(app, input).await?;
    let hash = app
        .hashing
        .hash(input.password.clone(), call.deadline)
        .await?;
    let draft = draft(app, input, hash, proof.is_some());
    trail.account_id = Some(draft.id);
    let registered = store::retrying(Error::met_another, || {
        attempt(app, call, input, &draft, proof.as_ref(), trail)
    })
    .await?;
    if let Some(proof) = &proof {
        proof.forget(app).await;
    }
    app.mail.notify_one();
    Ok(registered)
}

/// The proof of the address, where the realm wants it before the registration and an address is given.
async fn prove_address(app: &App, input: &Input) -> Result<Option<Proof>> {
    let Some(email) = &input.email else {
        return Ok(None);
    };
    if input.realm.rules.activation != Activation::Before {
        return Ok(None);
    }
    let digits = input.code.as_deref().ok_or(Error::CodeRequired)?;
    let presented = Presented {
        realm: &input.realm,
        purpose: Purpose::ProveAddress,
        subject: &Subject::Address(email.canonical().to_owned()),
        digits,
        challenge_id: None,
    };
    codes::check(app, &presented).await.map(Some)
}

fn draft(app: &App, input: &Input, password_hash: String, email_verified: bool) -> account::Model {
    let now = app.clock.now();
    let state = if input.realm.rules.activation == Activation::After {
        State::Pending
    } else {
        State::Active
    };
    account::Model {
        id: app.random.id(now),
        realm: input.realm.name().to_owned(),
        username: input.username.as_ref().map(|it| it.typed().to_owned()),
        username_canonical: input.username.as_ref().map(|it| it.canonical().to_owned()),
        email: input.email.as_ref().map(|it| it.typed().to_owned()),
        email_canonical: input.email.as_ref().map(|it| canonical(app, it).to_owned()),
        email_verified,
        pending_email: None,
        pending_email_canonical: None,
        phone: input.phone.as_ref().map(|it| it.typed().to_owned()),
        phone_canonical: input.phone.as_ref().map(|it| it.canonical().to_owned()),
        full_name: input.full_name.as_ref().map(|it| it.as_str().to_owned()),
        birth_date: input.birth_date.as_ref().map(ToString::to_string),
        locale: input.locale.as_str().to_owned(),
        role: input.realm.rules.default_role.clone(),
        state,
        external_id: input.external_id.as_ref().map(|it| it.as_str().to_owned()),
        attributes: input.attributes.clone(),
        password_hash,
        credentials_version: 1,
        version: 1,
        created_at: now.millis(),
        updated_at: now.millis(),
        picture_id: None,
        picture_type: None,
        picture_width: None,
        picture_height: None,
        picture_size: None,
        picture_at: None,
        password_change_required: false,
    }
}

fn canonical<'a>(app: &App, email: &'a Email) -> &'a str {
    if app.faults.has(Bug::AddressesAreComparedAsTyped) {
        email.typed()
    } else {
        email.canonical()
    }
}

async fn attempt(
    app: &App,
    call: &Call,
    input: &Input,
    draft: &account::Model,
    proof: Option<&Proof>,
    trail: &Trail,
) -> Result<Registered> {
    let realm = &*input.realm;
    let now = app.clock.now();
    let tx = store::begin(&app.db).await?;
    if let Some(proof) = proof {
        proof.consume(&tx, now).await?;
    }
    account::Entity::give_way(
        &tx,
        realm.name(),
        draft.email_canonical.as_deref(),
        draft.username_canonical.as_deref(),
        (now - realm.rules.registration_lifetime).millis(),
    )
    .await?;
    let hidden = taken(&tx, realm, draft).await?;
    let row = if hidden.is_some() {
        stand_in(draft)
    } else {
        draft.clone()
    };
    account::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&tx)
        .await
        .map_err(|error| met_another(Error::from(error)))?;
    if let Some(owner) = &hidden {
        let locale = realm.locale_of(owner);
        let address = owner.email.as_deref().unwrap_or_default();
        let mail = Mail::RegistrationAttempted;
        app.post(&tx, realm.name(), address, locale, &mail).await?;
    }
    let challenge = if draft.state == State::Pending {
        let issue = activation(realm, input, draft, hidden.is_none());
        Some(codes::issue(app, &tx, call, &issue).await?)
    } else {
        None
    };
    let picture_ticket = if input.picture_ticket {
        Some(new_ticket(app, &tx, realm, draft.id).await?)
    } else {
        None
    };
    let registered = Registered {
        account: draft.clone(),
        challenge,
        picture_ticket,
    };
    audit::allowed(app, &tx, call, Action::Register, trail).await?;
    replay::keep(app, &tx, call, &registered).await?;
    tx.commit().await?;
    Ok(registered)
}

fn activation<'a>(
    realm: &'a Realm,
    input: &'a Input,
    draft: &'a account::Model,
    deliver: bool,
) -> Issue<'a> {
    let canonical = draft.email_canonical.as_deref().unwrap_or_default();
    Issue {
        realm,
        purpose: Purpose::Activate,
        subject: codes::of_address(canonical),
        account_id: Some(draft.id),
        canonical,
        address: draft.email.as_deref().unwrap_or_default(),
        deliver,
        locale: input.locale,
        // The code of the registration that this one replaces is dead; without a new one nobody could go on.
        again: Again::Replace,
    }
}

/// The row of a registration for a taken email that is hidden: it holds its user name and its password as any other
/// does, and no address, so that no code can ever activate it.
fn stand_in(draft: &account::Model) -> account::Model {
    account::Model {
        email_canonical: None,
        pending_email_canonical: draft.email_canonical.clone(),
        ..draft.clone()
    }
}

/// The owner of a taken email in a realm that hides it, or the refusal that the realm tells.
///
/// A pending account is not held to its phone and external id until it is activated, so a realm that may tell looks
/// them up here.
async fn taken(
    tx: &Transaction,
    realm: &Realm,
    draft: &account::Model,
) -> Result<Option<account::Model>> {
    let hides = hides(realm);
    if let Some(username) = &draft.username_canonical {
        let name = Name::Username(username.clone());
        if account::Entity::find_by_name(tx, realm.name(), &name)
            .await?
            .is_some()
        {
            return Err(Error::UsernameTaken);
        }
    }
    if let Some(email) = &draft.email_canonical {
        let name = Name::Email(email.clone());
        let owner = account::Entity::find_by_name(tx, realm.name(), &name).await?;
        match owner {
            // It came after all that waited had given way, and gives way when it is looked at again.
            Some(owner) if owner.state == State::Pending => return Err(Error::Conflict),
            Some(owner) if hides => return Ok(Some(owner)),
            Some(_) => return Err(Error::EmailTaken),
            None => {}
        }
    }
    if hides {
        return Ok(None);
    }
    if let Some(phone) = &draft.phone_canonical {
        let name = Name::Phone(phone.clone());
        if account::Entity::find_by_name(tx, realm.name(), &name)
            .await?
            .is_some()
        {
            return Err(Error::PhoneTaken);
        }
    }
    if let Some(external_id) = &draft.external_id
        && account::Entity::find_by_external_id(tx, realm.name(), external_id)
            .await?
            .is_some()
    {
        return Err(Error::ExternalIdTaken);
    }
    Ok(None)
}

/// Whether a taken email is answered as a free one: only where the answer is a challenge either way.
fn hides(realm: &Realm) -> bool {
    !realm.rules.disclose_accounts && realm.rules.activation == Activation::After
}

/// Somebody registered the same between the look and the insert. Looked at again, it is seen, and told or hidden or
/// replaced as the realm does with what it sees.
fn met_another(error: Error) -> Error {
    match error {
        Error::UsernameTaken | Error::EmailTaken | Error::PhoneTaken | Error::ExternalIdTaken => {
            Error::Conflict
        }
        other => other,
    }
}
