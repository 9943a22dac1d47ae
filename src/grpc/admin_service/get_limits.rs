//! `GetLimits`.

use std::{net::IpAddr, sync::Arc};

use super::answers;
use crate::{
    accounts::fields::Id,
    admin::limits::{self, Whose},
    app::{App, Call, Realm},
    error::Result,
    grpc::fields::Fields,
    proto::{GetLimitsRequest, GetLimitsResponse},
};

pub(super) async fn get_limits(
    app: Arc<App>,
    call: Arc<Call>,
    realm: Arc<Realm>,
    request: GetLimitsRequest,
) -> Result<GetLimitsResponse> {
    let fields = Fields::default();
    let whose = whose(fields, realm, &request.account_id, &request.peer_address)?;
    let limits = limits::get_limits(&app, &call, &whose).await?;
    Ok(GetLimitsResponse {
        limits: limits.into_iter().map(answers::limit).collect(),
    })
}

/// Whose limits are meant.
pub(super) fn whose(
    mut fields: Fields,
    realm: Arc<Realm>,
    account_id: &str,
    peer_address: &str,
) -> Result<Whose> {
    let account_id = if account_id.is_empty() {
        None
    } else {
        fields
            .take("account_id", Id::parse(account_id))
            .map(Id::uuid)
    };
    let peer = if peer_address.is_empty() {
        None
    } else {
        let peer = peer_address.parse::<IpAddr>().ok();
        if peer.is_none() {
            fields.refuse("peer_address", "MALFORMED", "is no network address");
        }
        peer
    };
    fields.finish()?;
    Ok(Whose {
        realm,
        account_id,
        peer,
    })
}
