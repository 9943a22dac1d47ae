//! `ExportAccounts`.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};
use tracing::Instrument as _;

use super::{Admins, Ask as _, admit, row};
use crate::{
    admin::{self, Export},
    error::{Error, Result},
    grpc::{
        run::{Answer, open},
        status::status,
    },
    proto::{ExportAccountsRequest, ExportAccountsResponse},
};

/// Rows that wait for their client, at the most.
const WAITING: usize = 64;

type Rows = mpsc::Sender<Result<ExportAccountsResponse, Status>>;

/// Sends the accounts, as fast as the client reads.
pub(super) async fn export_accounts(
    admins: &Admins,
    request: Request<ExportAccountsRequest>,
) -> Answer<super::Rows<ExportAccountsResponse>> {
    let certificate = admit::certificate(&request);
    let (call, request) = open(request)?;
    let (call, realm) = admins
        .admit::<ExportAccountsRequest>(call, certificate, request.realm())
        .await?;
    let app = Arc::clone(&admins.app);
    let with_hashes = request.with_password_hashes;
    let export = admin::export_accounts(app, &call, realm, &request.filter, with_hashes).await;
    let export = export.map_err(|error| status(&error, &call.request_id))?;
    let end = admins.end(&call);
    let (rows, answer) = mpsc::channel(WAITING);
    let sending = async move {
        let sent = tokio::time::timeout_at(end, send(export, with_hashes, &rows)).await;
        if let Err(error) = sent.unwrap_or(Err(Error::DeadlineExceeded)) {
            // A client that has gone is told nothing.
            let _ = rows.send(Err(status(&error, &call.request_id))).await;
        }
    };
    tokio::spawn(sending.in_current_span());
    Ok(Response::new(Box::pin(ReceiverStream::new(answer))))
}

async fn send(mut export: Export, with_hashes: bool, rows: &Rows) -> Result<()> {
    let mut index = 0;
    loop {
        let accounts = export.next().await?;
        if accounts.is_empty() {
            return Ok(());
        }
        for account in accounts {
            let row = ExportAccountsResponse {
                row: Some(row::of(account, with_hashes)?),
                index,
            };
            index += 1;
            if rows.send(Ok(row)).await.is_err() {
                return Ok(());
            }
        }
    }
}
