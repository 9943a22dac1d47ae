//! `SetAttributes`.

use std::{collections::BTreeSet, sync::Arc};

use super::target::{Named, target};
use crate::{
    admin::{self, Edited, NewAttributes},
    app::{App, Call, Realm},
    error::Result,
    grpc::{answers, attributes, fields::Fields},
    proto::{SetAttributesRequest, SetAttributesResponse},
};

/// Names in a mask, at the most.
const NAMES: usize = 64;

pub(super) async fn set_attributes(
    app: Arc<App>,
    call: Arc<Call>,
    realm: Arc<Realm>,
    request: SetAttributesRequest,
) -> Result<Edited> {
    let mut fields = Fields::default();
    let only = match request.update_mask {
        Some(mask) if mask.paths.len() > NAMES => {
            let text = format!("names more than {NAMES} attributes");
            fields.refuse("update_mask", "TOO_LONG", text);
            None
        }
        Some(mask) if mask.paths != ["*"] => Some(BTreeSet::from_iter(mask.paths)),
        _ => None,
    };
    let named = Named {
        account_id: &request.account_id,
        etag: &request.etag,
        reason: "",
    };
    let target = target(fields, realm, &named)?;
    let attributes = NewAttributes {
        values: request
            .attributes
            .map(attributes::to_json)
            .unwrap_or_default(),
        only,
    };
    admin::set_attributes(&app, &call, &target, &attributes).await
}

pub(super) fn answer(edited: Edited) -> SetAttributesResponse {
    SetAttributesResponse {
        account: Some(answers::account(edited.account)),
    }
}
