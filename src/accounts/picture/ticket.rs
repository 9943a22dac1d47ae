//! Upload tickets: the picture of an account whose owner cannot log in yet.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::{
    app::{App, Realm},
    error::{Error, Result},
    store::{Transaction, account, upload_ticket},
};

/// How long a ticket works: a registration form is sent in one go.
const LIFETIME: Duration = Duration::from_mins(10);

/// Bytes of a ticket's secret.
const SECRET: usize = 32;

/// A ticket that was presented and is known.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The population of the account.
    pub realm: Arc<Realm>,
    /// Whose picture it may set.
    pub account_id: Uuid,
    pub(super) digest: Vec<u8>,
}

/// Makes the ticket of an account that is being registered, in the transaction that does so.
///
/// Its text is `<realm>.<base64url of the account's id and a secret>`; only a digest of the secret is kept.
pub(in crate::accounts) async fn new_ticket(
    app: &App,
    tx: &Transaction,
    realm: &Realm,
    account_id: Uuid,
) -> Result<String> {
    let secret: [u8; SECRET] = app.random.bytes();
    let expires_at = (app.clock.now() + LIFETIME).millis();
    let digest = digest(&SHA256, &secret);
    upload_ticket::Entity::add(tx, account_id, digest.as_ref(), expires_at).await?;
    let bytes = [account_id.as_bytes().as_slice(), &secret].concat();
    let text = URL_SAFE_NO_PAD.encode(bytes);
    Ok(format!("{}.{text}", realm.name()))
}

/// Looks a ticket up, before anything is read of what comes with it.
///
/// A used one is let through where `is_repeatable`, since the call may be one that is sent again and has its answer
/// waiting; it sets no second picture.
///
/// Refusals: `UPLOAD_TICKET_INVALID`.
pub async fn present_ticket(app: &App, text: &str, is_repeatable: bool) -> Result<Ticket> {
    let (realm, account_id, secret) = parse(app, text).ok_or(Error::UploadTicketInvalid)?;
    let now = app.clock.now().millis();
    let known = upload_ticket::Entity::find_live(&app.db, account_id, now)
        .await?
        .ok_or(Error::UploadTicketInvalid)?;
    let digest = digest(&SHA256, &secret).as_ref().to_vec();
    let is_right: bool = known.digest.ct_eq(&digest).into();
    let account = account::Entity::find_in_realm(&app.db, realm.name(), account_id).await?;
    if !is_right || account.is_none() || (known.is_used && !is_repeatable) {
        return Err(Error::UploadTicketInvalid);
    }
    Ok(Ticket {
        realm,
        account_id,
        digest,
    })
}

fn parse(app: &App, text: &str) -> Option<(Arc<Realm>, Uuid, [u8; SECRET])> {
    let (realm, text) = text.split_once('.')?;
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (id, secret) = bytes.split_first_chunk::<16>()?;
    let realm = app.served(realm)?;
    Some((realm, Uuid::from_bytes(*id), secret.try_into().ok()?))
}
