//! The listener of operators.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic_health::pb::health_server::{Health, HealthServer};

use crate::{
    app::App,
    backend::Random,
    config::Settings,
    grpc::{self, Edge},
    operators::{self, Entry, Operators, Proof, Scope, Token},
};

/// The listener of operators, bound.
pub(super) struct Admin {
    listener: TcpListener,
    address: SocketAddr,
    operators: PathBuf,
    edge: Edge,
}

impl Admin {
    /// Binds the listener where one is configured, and makes the first operator where that is safe.
    pub(super) async fn bind(
        settings: &Settings,
        app: &Arc<App>,
        health: HealthServer<impl Health>,
    ) -> anyhow::Result<Option<Self>> {
        let Some(listen) = settings.admin.listen else {
            return Ok(None);
        };
        let file = settings.operators_file();
        if settings.admin.operators.is_none() && listen.ip().is_loopback() && !file.try_exists()? {
            let token = settings.data_directory.join(operators::TOKEN_FILE);
            make_first(&file, &token, &app.random)?;
        }
        operators::list(&file).with_context(
            || "the operators cannot be used; `accountd admin operator add` makes the first",
        )?;
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("cannot listen on {listen}"))?;
        let operators = Operators::of(file.clone());
        let deadline = settings.admin.stream_deadline;
        Ok(Some(Self {
            address: listener.local_addr()?,
            listener,
            operators: file,
            edge: grpc::admin_routes(app, &settings.grpc, operators, deadline, health),
        }))
    }

    /// The address that it is bound to.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The file of the operators.
    pub(super) fn operators(&self) -> &Path {
        &self.operators
    }

    /// Answers until `closing`, and lets calls under way end for as long as `grpc.drain` says: an import may take hours.
    pub(super) async fn serve(
        self,
        settings: Settings,
        random: Random,
        closing: CancellationToken,
    ) {
        let tls = (&settings.admin).into();
        let closed = closing.clone().cancelled_owned();
        let drained = async {
            closing.cancelled().await;
            tokio::time::sleep(settings.grpc.drain).await;
        };
        let serving = grpc::serve(
            self.listener,
            self.edge,
            &settings.grpc,
            tls,
            settings.admin.stream_deadline,
            &random,
            closed,
        );
        tokio::select! {
            done = serving => if let Err(error) = done {
                tracing::error!(%error, "operators are not served any more");
            },
            () = drained => tracing::warn!("calls of operators were cut at the end of grpc.drain"),
        }
    }
}

/// Makes an operator who may do all, for who has this machine: its token is left beside the file.
fn make_first(file: &Path, token_file: &Path, random: &Random) -> anyhow::Result<()> {
    let token = Token::new(random);
    // A file that is there may be open to others.
    if token_file.try_exists()? {
        fs::remove_file(token_file)?;
    }
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(token_file)
        .with_context(|| format!("cannot write {}", token_file.display()))?;
    writeln!(out, "{}", token.secret())?;
    out.sync_all()?;
    let entry = Entry {
        name: String::from("local"),
        scopes: Scope::ALL.into_iter().collect(),
        realms: None,
        expires: None,
        proof: Proof::Token(token.sha256()),
    };
    Ok(operators::add(file, &entry)?)
}
