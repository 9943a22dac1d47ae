//! One call of an operator: connect, send, tell what came of it.

use std::{future::Future, path::Path, process::ExitCode, time::Duration};

use clap::Args;
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt as _;

use super::{
    connection::{Client, Connection},
    output::Output,
    refusal::Refusal,
};

/// The arguments of a call: its own, and those that all have.
#[derive(Debug, Args)]
pub(super) struct Call<C: Args> {
    #[command(flatten)]
    options: C,
    /// The realm; `default` when left out.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    realm: String,
    #[command(flatten, next_help_heading = "Connection")]
    connection: Connection,
}

/// What a call does with a connection.
pub(super) trait Run {
    /// Sends the request and prints the answer.
    async fn run(&self, session: &Session) -> anyhow::Result<ExitCode>;
}

/// A connection, and what all calls by it share.
pub(super) struct Session {
    pub(super) realm: String,
    pub(super) output: Output,
    client: Client,
    limit: Duration,
}

impl<C: Args + Run> Call<C> {
    /// Makes the call. Without `--address` it goes to the listener that the configuration names.
    pub(super) fn run(self, output: Output, path: Option<&Path>) -> anyhow::Result<ExitCode> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let done = runtime.block_on(Box::pin(async {
            let session = Session {
                client: self.connection.open(path).await?,
                limit: self.connection.timeout,
                realm: self.realm,
                output,
            };
            // What is not whole is taken back, as after any fault.
            tokio::select! {
                done = self.options.run(&session) => done,
                interrupted = tokio::signal::ctrl_c() => {
                    interrupted?;
                    anyhow::bail!("interrupted; what was asked for may have been done all the same")
                }
            }
        }));
        // A thread may still wait for standard input.
        runtime.shutdown_background();
        done
    }
}

impl Session {
    /// The generated client, as often as it is wanted.
    pub(super) fn client(&self) -> Client {
        self.client.clone()
    }

    /// A request that tells the server how long its answer is waited for.
    pub(super) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.set_timeout(self.limit);
        request
    }

    /// The answer to a call, within the time limit.
    pub(super) async fn answer<T>(
        &self,
        call: impl Future<Output = Result<Response<T>, Status>>,
    ) -> anyhow::Result<T> {
        // The channel counts the time as well, and may be the first to give up.
        match tokio::time::timeout(self.limit, Box::pin(call)).await {
            Ok(Ok(answer)) => Ok(answer.into_inner()),
            Ok(Err(status)) if !is_late(&status) => Err(Refusal::from(status).into()),
            Ok(Err(_)) | Err(_) => {
                let limit = humantime::format_duration(self.limit);
                anyhow::bail!(
                    "no answer within {limit}: see whether accountd runs, and whether it demands a certificate (--cert); what was \
                     asked for may have been done all the same"
                )
            }
        }
    }
}

/// Whether the channel has given up, and not the server.
fn is_late(status: &Status) -> bool {
    let is_end = matches!(status.code(), Code::Cancelled | Code::DeadlineExceeded);
    is_end && status.get_details_error_info().is_none()
}
