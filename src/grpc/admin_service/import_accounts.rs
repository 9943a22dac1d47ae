//! `ImportAccounts`.

use std::{mem, sync::Arc, time::Duration};

use tokio::{sync::mpsc, time::Instant};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};
use tracing::Instrument as _;
use zeroize::Zeroizing;

use super::{
    Admins, admit,
    row::{self, Incoming},
};
use crate::{
    accounts::{fields::Password, password::HashError},
    admin::{self, import_accounts::Row},
    app::{App, Call, Realm},
    error::{Error, Result},
    grpc::{
        run::{Answer, open},
        status::status,
    },
    proto::{
        AccountRow, ImportAccountsRequest, ImportAccountsResponse, RowError,
        import_accounts_request::{Header, Part},
        row_error::Violation,
    },
};

/// Rows of one transaction, at the most.
const BATCH: usize = 256;
/// How long a transaction waits for more rows: who sends them one by one, by hand, is answered at once.
const LINGER: Duration = Duration::from_millis(5);

type Results = mpsc::Sender<Result<ImportAccountsResponse, Status>>;

/// Takes the rows in, and answers each.
pub(super) async fn import_accounts(
    admins: &Admins,
    request: Request<Streaming<ImportAccountsRequest>>,
) -> Answer<super::Rows<ImportAccountsResponse>> {
    let certificate = admit::certificate(&request);
    let (call, mut stream) = open(request)?;
    let end = admins.end(&call);
    // A stranger is not waited for.
    admins.greet::<Header>(&call, certificate.as_ref()).await?;
    let first = tokio::time::timeout_at(end, next(&mut stream)).await;
    let first = first.unwrap_or(Err(Error::DeadlineExceeded));
    let header = first.and_then(|part| match part {
        Some(Part::Header(header)) => Ok(header),
        _ => Err(Error::field("header", "REQUIRED", "must come first")),
    });
    let realm = header.as_ref().map_or("", |header| &header.realm);
    let (call, realm) = admins.admit::<Header>(call, certificate, realm).await?;
    let header = header.map_err(|error| status(&error, &call.request_id))?;
    let begun = admin::note_import(&admins.app, &call, &realm, header.validate_only).await;
    begun.map_err(|error| status(&error, &call.request_id))?;
    let (results, answer) = mpsc::channel(2 * BATCH);
    let import = Import {
        app: Arc::clone(&admins.app),
        call,
        realm,
        is_rehearsal: header.validate_only,
        end,
        results,
    };
    tokio::spawn(import.run(stream).in_current_span());
    Ok(Response::new(Box::pin(ReceiverStream::new(answer))))
}

struct Import {
    app: Arc<App>,
    call: Arc<Call>,
    realm: Arc<Realm>,
    is_rehearsal: bool,
    end: Instant,
    results: Results,
}

impl Import {
    async fn run(self, stream: Streaming<ImportAccountsRequest>) {
        let (taken, refused) = match self.all(stream).await {
            Ok(counts) => counts,
            Err(error) => {
                let told = status(&error, &self.call.request_id);
                // A client that has gone is told nothing.
                let _ = self.results.send(Err(told)).await;
                return;
            }
        };
        tracing::info!(taken, refused, self.is_rehearsal, "accounts were imported");
    }

    /// Takes all rows in. Returns how many were taken and how many refused.
    async fn all(&self, mut stream: Streaming<ImportAccountsRequest>) -> Result<(i64, i64)> {
        let (mut taken, mut refused) = (0, 0);
        loop {
            let rows = self.batch(&mut stream).await?;
            if rows.is_empty() {
                return Ok((taken, refused));
            }
            for result in self.import(rows).await? {
                let error = result.as_ref().err().map(row_error);
                let answer = ImportAccountsResponse {
                    index: taken + refused,
                    account_id: result.map(|id| id.to_string()).unwrap_or_default(),
                    error,
                };
                match &answer.error {
                    None => taken += 1,
                    Some(_) => refused += 1,
                }
                let sent = self.results.send(Ok(answer));
                // A client that takes no answers is not waited for longer than one that sends no rows.
                match tokio::time::timeout_at(self.end, sent).await {
                    Ok(Ok(())) => {}
                    // It has gone. What was committed stays.
                    Ok(Err(_)) => return Ok((taken, refused)),
                    Err(_) => return Err(Error::DeadlineExceeded),
                }
            }
        }
    }

    /// The next rows: as many as are there; none at the end of the stream.
    async fn batch(
        &self,
        stream: &mut Streaming<ImportAccountsRequest>,
    ) -> Result<Vec<AccountRow>> {
        let mut rows = Vec::new();
        let mut until = self.end;
        while rows.len() < BATCH {
            match tokio::time::timeout_at(until, next(stream)).await {
                Ok(Ok(Some(Part::Row(row)))) => rows.push(row),
                Ok(Ok(Some(Part::Header(_)))) => {
                    let text = "must come only once";
                    return Err(Error::field("header", "NOT_SUPPORTED", text));
                }
                Ok(Err(error)) => return Err(error),
                Err(_) if self.end <= Instant::now() => return Err(Error::DeadlineExceeded),
                Ok(Ok(None)) | Err(_) => break,
            }
            until = self.end.min(Instant::now() + LINGER);
        }
        Ok(rows)
    }

    /// What comes of each row.
    async fn import(&self, rows: Vec<AccountRow>) -> Result<Vec<Result<uuid::Uuid>>> {
        let mut parsed = Vec::with_capacity(rows.len());
        let mut good = Vec::new();
        for row in rows {
            match self.prepare(row).await {
                Ok(row) => {
                    good.push(row);
                    parsed.push(None);
                }
                Err(error) => parsed.push(Some(error)),
            }
        }
        let done =
            admin::import_accounts(&self.app, &self.call, &self.realm, good, self.is_rehearsal);
        let mut done = done.await?.into_iter();
        let results = parsed.into_iter().map(|fault| match fault {
            Some(fault) => Err(fault),
            None => done
                .next()
                .unwrap_or_else(|| Err(Error::Internal(String::from("a row without a result")))),
        });
        Ok(results.collect())
    }

    async fn prepare(&self, mut row: AccountRow) -> Result<Row> {
        let password = Zeroizing::new(mem::take(&mut row.password));
        let Incoming { mut row, password } = row::parse(&self.app, &self.realm, row, &password)?;
        if let Some(password) = password {
            row.password_hash = self.hash(password).await?;
        }
        Ok(row)
    }

    /// Hashes a password; where logins fill the queue, they come first.
    async fn hash(&self, password: Password) -> Result<String> {
        loop {
            let hashed = self.app.hashing.hash(password.clone(), Some(self.end));
            match hashed.await {
                Err(HashError::Overloaded { retry_after }) if Instant::now() < self.end => {
                    tokio::time::sleep(retry_after).await;
                }
                done => return Ok(done?),
            }
        }
    }
}

async fn next(stream: &mut Streaming<ImportAccountsRequest>) -> Result<Option<Part>> {
    let message = stream
        .message()
        .await
        .map_err(|_| Error::MalformedRequest)?;
    let Some(message) = message else {
        return Ok(None);
    };
    let part = message.part;
    part.map(Some)
        .ok_or_else(|| Error::field("part", "REQUIRED", "must be a header or a row"))
}

fn row_error(error: &Error) -> RowError {
    let violations = match error {
        Error::InvalidField(faults) => faults.as_slice(),
        _ => &[],
    };
    RowError {
        reason: error.reason().to_owned(),
        message: error.to_string(),
        violations: violations
            .iter()
            .map(|fault| Violation {
                field: fault.field.clone(),
                reason: fault.reason.to_owned(),
                description: fault.text.clone(),
            })
            .collect(),
    }
}
