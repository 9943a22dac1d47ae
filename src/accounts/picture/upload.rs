//! A new picture.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, IntoActiveModel as _};
use uuid::Uuid;

use super::{Ticket, Variant, limits};
use crate::{
    accounts::{Principal, limit, revocation},
    app::{App, Call, Realm},
    audit::{self, Action, Trail},
    backend::{
        kv::{Mark, Rate},
        objects::ObjectError,
    },
    error::{Error, Result},
    pictures::{Limits, Picture, Refusal, Spooled, StudioError},
    replay,
    store::{self, Transaction, account, picture, upload_ticket},
};

/// How long a staged picture waits for its commit before its objects are removed. An upload commits within minutes; the
/// rest is for clocks that are set wrong.
const STAGED: Duration = Duration::from_hours(6);

/// How long objects are waited for that were put without an answer: the store may take them in afterwards.
const LATE: Duration = Duration::from_hours(1);

/// Who may set the picture.
#[derive(Debug)]
pub enum Uploader {
    /// The owner, by an access token.
    Owner(Box<Principal>),
    /// Who registered the account, by a ticket.
    Ticket(Ticket),
}

impl Uploader {
    /// The population of the account.
    pub fn realm(&self) -> &Arc<Realm> {
        match self {
            Self::Owner(principal) => &principal.realm,
            Self::Ticket(ticket) => &ticket.realm,
        }
    }

    /// The account whose picture it is.
    pub fn account_id(&self) -> Uuid {
        match self {
            Self::Owner(principal) => principal.account.id,
            Self::Ticket(ticket) => ticket.account_id,
        }
    }

    /// The refusal when there is no such account any more.
    const fn gone(&self) -> Error {
        match self {
            Self::Owner(_) => Error::AccountDeleted,
            Self::Ticket(_) => Error::UploadTicketInvalid,
        }
    }

    fn trail(&self) -> Trail {
        match self {
            Self::Owner(principal) => principal.trail(),
            Self::Ticket(ticket) => Trail {
                realm: ticket.realm.name().to_owned(),
                account_id: Some(ticket.account_id),
                ..Trail::default()
            },
        }
    }
}

/// A file that has arrived whole.
#[derive(Debug)]
pub struct Upload {
    /// Its bytes.
    pub file: Spooled,
    /// The version of the account that the caller has seen.
    pub etag: Option<String>,
}

/// Whether an upload may begin, before anything is read of it. Returns what its file is held to.
///
/// Refusals: `FEATURE_DISABLED`, `RATE_LIMITED`.
pub async fn admit_upload(app: &App, uploader: &Uploader) -> Result<Arc<Limits>> {
    let rules = &uploader.realm().rules;
    if !rules.pictures {
        return Err(Error::FeatureDisabled {
            feature: "pictures",
        });
    }
    let rate = {
        let policy = app.policy.load();
        Rate {
            burst: policy.limits.picture_burst,
            period: policy.limits.picture_period,
        }
    };
    let bucket = limit::of_pictures(uploader.account_id());
    limit::take(app, "picture", &bucket, rate).await?;
    Ok(Arc::new(limits(rules, app.pictures.decode_time)))
}

/// Renders the file, stores it, and makes it the picture of the account; the one before is nobody's from then on.
///
/// The session or the ticket is looked at again in the transaction, since an upload may take minutes.
///
/// Refusals: `PICTURE_TYPE_UNSUPPORTED`, `PICTURE_TOO_LARGE`, `PICTURE_MALFORMED`, `UPLOAD_TICKET_INVALID`,
/// `ETAG_MISMATCH`, `OVERLOADED`, `TOKEN_REVOKED`, `ACCOUNT_SUSPENDED`, `ACCOUNT_DELETED`.
pub async fn upload_picture(
    app: &App,
    call: &Call,
    uploader: &Uploader,
    limits: Arc<Limits>,
    upload: Upload,
) -> Result<account::Model> {
    let done = decide(app, call, uploader, limits, upload).await;
    audit::refused(app, call, Action::UploadPicture, &uploader.trail(), done).await
}

async fn decide(
    app: &App,
    call: &Call,
    uploader: &Uploader,
    limits: Arc<Limits>,
    upload: Upload,
) -> Result<account::Model> {
    let rendered = app
        .studio
        .render(upload.file, Arc::clone(&limits), call.deadline)
        .await;
    let picture = rendered.map_err(|error| refusal(error, &limits))?;
    let row = stage(app, uploader, &picture).await?;
    let etag = upload.etag.as_deref();
    if let Err(error) = keep(app, &row, picture).await {
        abandon(app, &row, LATE).await;
        return Err(error);
    }
    let done = store::retrying(Error::met_another, || {
        attempt(app, call, uploader, &row, etag)
    })
    .await;
    match &done {
        Ok(account) => {
            let realm = uploader.realm();
            revocation::announce(app, realm, account.id, &[], Mark::Revoked).await;
        }
        Err(_) => abandon(app, &row, Duration::ZERO).await,
    }
    done
}

/// Has the objects of a staged picture removed after `wait`. A picture that has become current all the same stays.
async fn abandon(app: &App, row: &picture::Model, wait: Duration) {
    let remove_at = (app.clock.now() + wait).millis();
    if let Err(error) = picture::Entity::abandon(&app.db, row.id, remove_at).await {
        tracing::debug!(%error, "staged picture left to its time");
    }
}

fn refusal(error: StudioError, limits: &Limits) -> Error {
    match error {
        StudioError::Refused(Refusal::Kind) => unsupported(limits),
        StudioError::Refused(Refusal::TooLarge { limit, most }) => {
            Error::PictureTooLarge { limit, most }
        }
        StudioError::Refused(Refusal::Malformed(fault)) => Error::PictureMalformed { fault },
        StudioError::Refused(Refusal::TooSlow { most }) => Error::PictureTooLarge {
            limit: "milliseconds",
            most: u64::try_from(most.as_millis()).unwrap_or(u64::MAX),
        },
        StudioError::Overloaded { retry } => Error::Overloaded { retry },
        StudioError::Late => Error::DeadlineExceeded,
        StudioError::Broken(cause) => Error::Internal(format!("picture: {cause}")),
    }
}

/// The refusal of a file of another kind.
pub fn unsupported(limits: &Limits) -> Error {
    let types: Vec<&str> = limits.kinds.iter().map(|kind| kind.media_type()).collect();
    Error::PictureTypeUnsupported {
        types: types.join(","),
    }
}

async fn stage(app: &App, uploader: &Uploader, picture: &Picture) -> Result<picture::Model> {
    let now = app.clock.now();
    let size = |bytes: &Bytes| i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let sha256 = |bytes: &Bytes| digest(&SHA256, bytes).as_ref().to_vec();
    let pixels = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let row = picture::Model {
        id: app.random.id(now),
        realm: uploader.realm().name().to_owned(),
        account_id: Some(uploader.account_id()),
        content_type: picture.kind.media_type().to_owned(),
        width: pixels(picture.width),
        height: pixels(picture.height),
        full_size: size(&picture.full),
        full_digest: sha256(&picture.full),
        square_512_size: size(&picture.square_512),
        square_512_digest: sha256(&picture.square_512),
        square_128_size: size(&picture.square_128),
        square_128_digest: sha256(&picture.square_128),
        created_at: now.millis(),
        remove_at: Some((now + STAGED).millis()),
    };
    match picture::Entity::stage(&app.db, row.clone())
        .await
        .map_err(Error::from)
    {
        Ok(()) => Ok(row),
        // The account that the row belongs to is gone.
        Err(Error::Conflict) => Err(uploader.gone()),
        Err(error) => Err(error),
    }
}

/// Puts the objects of a staged picture into the store.
async fn keep(app: &App, row: &picture::Model, picture: Picture) -> Result<()> {
    for (variant, bytes) in [
        (Variant::Full, picture.full),
        (Variant::Square512, picture.square_512),
        (Variant::Square128, picture.square_128),
    ] {
        if let Err(error) = app.objects.put(&variant.key(row), bytes).await {
            return Err(unavailable(&error));
        }
    }
    Ok(())
}

/// The refusal of a call that the object store does not serve.
pub fn unavailable(error: &ObjectError) -> Error {
    tracing::warn!(%error, "object store does not answer");
    Error::DependencyUnavailable {
        dependency: "objects",
    }
}

async fn attempt(
    app: &App,
    call: &Call,
    uploader: &Uploader,
    row: &picture::Model,
    etag: Option<&str>,
) -> Result<account::Model> {
    let now = app.clock.now();
    let tx = store::begin(&app.db).await?;
    let account = permitted(app, &tx, uploader).await?;
    let version = account.version.to_string();
    if etag.is_some_and(|seen| seen != version) {
        return Err(Error::EtagMismatch { etag: version });
    }
    if !picture::Entity::make_current(&tx, row.id).await? {
        return Err(Error::Conflict);
    }
    if let Some(before) = account.picture_id {
        picture::Entity::release(&tx, before).await?;
    }
    let version = account.version + 1;
    let mut active = account.into_active_model();
    active.picture_id = Set(Some(row.id));
    active.picture_type = Set(Some(row.content_type.clone()));
    active.picture_width = Set(Some(row.width));
    active.picture_height = Set(Some(row.height));
    active.picture_size = Set(Some(row.full_size));
    active.picture_at = Set(Some(now.millis()));
    active.version = Set(version);
    let account = active.update(&tx).await?;
    audit::allowed(app, &tx, call, Action::UploadPicture, &uploader.trail()).await?;
    replay::keep(app, &tx, call, &account).await?;
    tx.commit().await?;
    Ok(account)
}

/// The account, locked, if the uploader may still set its picture; a ticket is used up.
async fn permitted(app: &App, tx: &Transaction, uploader: &Uploader) -> Result<account::Model> {
    let realm = uploader.realm().name();
    let now = app.clock.now();
    let account = account::Entity::lock(tx, realm, uploader.account_id())
        .await?
        .ok_or_else(|| uploader.gone())?;
    match uploader {
        Uploader::Owner(principal) => {
            if account.state != account::State::Active {
                return Err(Error::AccountSuspended);
            }
            principal.require_live_session(tx, now).await?;
            Ok(account)
        }
        Uploader::Ticket(ticket) => {
            if account.state == account::State::Suspended {
                return Err(Error::AccountSuspended);
            }
            let digest = &ticket.digest;
            if !upload_ticket::Entity::consume(tx, account.id, digest, now.millis()).await? {
                return Err(Error::UploadTicketInvalid);
            }
            Ok(account)
        }
    }
}
