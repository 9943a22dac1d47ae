//! `ListAccounts`.

use std::sync::Arc;

use crate::{
    admin::{self, Query},
    app::{App, Call, Realm},
    error::Result,
    grpc::answers,
    proto::{ListAccountsRequest, ListAccountsResponse},
};

pub(super) async fn list_accounts(
    app: Arc<App>,
    call: Arc<Call>,
    realm: Arc<Realm>,
    request: ListAccountsRequest,
) -> Result<ListAccountsResponse> {
    let query = Query {
        page_size: request.page_size,
        page_token: &request.page_token,
        filter: &request.filter,
        order_by: &request.order_by,
    };
    let listed = admin::list_accounts(&app, &call, &realm, &query).await?;
    Ok(ListAccountsResponse {
        accounts: listed.accounts.into_iter().map(answers::account).collect(),
        next_page_token: listed.next,
    })
}
