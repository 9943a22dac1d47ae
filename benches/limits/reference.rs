//! The least that a server has to do for the same answers: bare tonic services without accounts, policy and logs.

mod answering;
mod hashing;
mod raw;
mod rotating;
mod streaming;

use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    process::Command,
};

use argon2::Params;
use bytes::Bytes;
use clap::Parser;
use http::{Request, Response};
use redis::Client;
use sea_orm::sqlx::postgres::PgPoolOptions;
use tempfile::TempDir;
use tonic::{
    body::Body,
    server::NamedService,
    transport::{Server, server::TcpIncoming},
};
use tower::Service;

use crate::support::process::Process;
use answering::Answering;
use streaming::Streaming;

/// The first argument of the process that is a reference.
pub(crate) const COMMAND: &str = "reference";

/// Connections of the pool: as many as accountd has by default.
const CONNECTIONS: u32 = 10;

/// What a reference does.
#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
pub(crate) enum Work {
    /// Answers with the bytes of a file.
    Echo { answer: PathBuf },
    /// Asks Redis for one key, then answers.
    Redis { answer: PathBuf, url: String },
    /// Moves a session on in PostgreSQL, then answers.
    Refresh { answer: PathBuf, url: String },
    /// Sends a file to whoever asks, and drops what is sent to it.
    Stream { file: PathBuf },
    /// The same, with a digest of what it sends.
    Digest { file: PathBuf },
    /// The same, with what is sent to it decoded and encoded.
    Render { file: PathBuf },
    /// Hashes passwords at that cost while it is told to.
    Hash {
        memory_kib: u32,
        passes: u32,
        lanes: u32,
        /// In pages of 2 MiB, where the system has them.
        #[arg(long)]
        huge_pages: bool,
    },
}

/// A running reference.
pub(crate) struct Reference {
    pub(crate) process: Process,
    _directory: TempDir,
}

impl Reference {
    /// Starts the work with that name and these arguments.
    pub(crate) fn start(work: &[&str]) -> Self {
        Self::launch(tempfile::tempdir().unwrap(), work)
    }

    /// Starts work that begins with a file of what it answers.
    pub(crate) fn answering(work: &str, answer: &[u8], more: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("answer");
        std::fs::write(&file, answer).unwrap();
        let arguments = [&[work, file.to_str().unwrap()], more].concat();
        Self::launch(directory, &arguments)
    }

    fn launch(directory: TempDir, work: &[&str]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg(COMMAND).args(work);
        Self {
            process: Process::start(command, directory.path()),
            _directory: directory,
        }
    }
}

/// Serves on a free port, which it prints, until it is killed.
pub(crate) async fn serve(work: Work) {
    match work {
        Work::Echo { answer } => listen(Answering::Echo(read(&answer))).await,
        Work::Redis { answer, url } => {
            let client = Client::open(url).unwrap();
            let connection = client.get_multiplexed_async_connection().await.unwrap();
            listen(Answering::Redis(read(&answer), connection)).await;
        }
        Work::Refresh { answer, url } => {
            // The driver's default is to ask before each use whether a connection is still good: a round trip that no
            // refresh needs.
            let pool = PgPoolOptions::new()
                .max_connections(CONNECTIONS)
                .test_before_acquire(false);
            let pool = pool.connect(&url).await.unwrap();
            listen(Answering::Refresh(read(&answer), pool)).await;
        }
        Work::Stream { file } => listen(Streaming::bare(&read(&file))).await,
        Work::Digest { file } => listen(Streaming::bare(&read(&file)).with_digest()).await,
        Work::Render { file } => listen(Streaming::bare(&read(&file)).with_rendering()).await,
        Work::Hash {
            memory_kib,
            passes,
            lanes,
            huge_pages,
        } => {
            println!("{COMMAND} serves on its standard input");
            let params = Params::new(memory_kib, passes, lanes, None).unwrap();
            hashing::serve(&params, huge_pages);
        }
    }
}

async fn listen<S>(service: S)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + NamedService
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send,
{
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap())
        .unwrap()
        .with_nodelay(Some(true));
    println!("{COMMAND} serves on {}", incoming.local_addr().unwrap());
    Server::builder()
        .add_service(service)
        .serve_with_incoming(incoming)
        .await
        .unwrap();
}

fn read(file: &Path) -> Bytes {
    Bytes::from(std::fs::read(file).unwrap())
}
