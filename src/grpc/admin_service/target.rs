//! The account that a change is for, as the requests of changes name it alike.

use std::sync::Arc;

use uuid::Uuid;

use crate::{accounts::fields::Id, admin::Target, app::Realm, error::Result, grpc::fields::Fields};

/// Characters of a reason, at the most.
const REASON_MOST: usize = 256;

/// The parts of a request that name its account.
pub(super) struct Named<'a> {
    pub(super) account_id: &'a str,
    pub(super) etag: &'a str,
    pub(super) reason: &'a str,
}

/// The account that is meant, and what else was parsed of the request; refused if any field was.
pub(super) fn target(mut fields: Fields, realm: Arc<Realm>, named: &Named<'_>) -> Result<Target> {
    let account_id = id(&mut fields, named.account_id);
    let etag = fields.plain("etag", named.etag);
    if named.reason.chars().count() > REASON_MOST {
        let text = format!("has more than {REASON_MOST} characters");
        fields.refuse("reason", "TOO_LONG", text);
    } else if named.reason.contains(char::is_control) {
        fields.refuse("reason", "FORBIDDEN_CHARACTER", "has a control character");
    }
    fields.finish()?;
    let Some(account_id) = account_id else {
        return Err(fields.refusal());
    };
    Ok(Target {
        realm,
        account_id,
        etag: (!etag.is_empty()).then(|| etag.to_owned()),
        reason: named.reason.to_owned(),
    })
}

/// The id of an account that must be named.
pub(super) fn id(fields: &mut Fields, text: &str) -> Option<Uuid> {
    fields.required("account_id", text, Id::parse).map(Id::uuid)
}
