//! `accountd admin export`.

use std::{
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;
use tonic::Request;

use super::{
    call::{Run, Session},
    private_file::PrivateFile,
    refusal::Refusal,
    row,
};
use crate::proto::ExportAccountsRequest;

/// Which accounts, and where to.
#[derive(Debug, Args)]
pub(super) struct ExportAccounts {
    /// The file, which is made with mode 0600 and replaced if it is there; `-` for standard output.
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// Comparisons joined by AND, as in `accountd admin list`.
    #[arg(long, default_value = "", hide_default_value = true)]
    filter: String,
    /// Write the hashes of passwords too. Keep the file as a secret, and delete it after use.
    #[arg(long)]
    with_password_hashes: bool,
}

#[derive(Serialize)]
struct Exported {
    exported: i64,
}

/// Where the lines go.
enum Sink {
    File(PrivateFile),
    Stdout,
}

impl Run for ExportAccounts {
    async fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        let mut sink = self.sink()?;
        let request = ExportAccountsRequest {
            realm: session.realm.clone(),
            filter: self.filter.clone(),
            with_password_hashes: self.with_password_hashes,
        };
        // It has the time that the server gives it.
        let mut client = session.client();
        let called = client.export_accounts(Request::new(request)).await;
        let mut answers = called.map_err(Refusal::from)?.into_inner();
        let mut count = 0;
        while let Some(answer) = answers.message().await.map_err(Refusal::from)? {
            anyhow::ensure!(
                answer.index == count,
                "row {} came where row {count} was due: the export is not whole",
                answer.index
            );
            let line = row::write(answer.row.unwrap_or_default())?;
            sink.write(line.as_bytes())?;
            count += 1;
        }
        self.finish(sink, session, count)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl ExportAccounts {
    fn sink(&self) -> anyhow::Result<Sink> {
        if self.file.as_os_str() != "-" {
            return Ok(Sink::File(PrivateFile::begin(&self.file)?));
        }
        anyhow::ensure!(
            !self.with_password_hashes || !io::stdout().is_terminal(),
            "hashes of passwords are not shown on a terminal: name a file, or a program behind a pipe"
        );
        Ok(Sink::Stdout)
    }

    fn finish(&self, sink: Sink, session: &Session, count: i64) -> anyhow::Result<()> {
        match sink {
            Sink::File(file) => {
                file.finish()?;
                let text = format!("exported {count} accounts to {}\n", self.file.display());
                session.output.tell(&Exported { exported: count }, &text)
            }
            Sink::Stdout => {
                io::stdout().flush()?;
                // Standard output has the rows, and nothing else.
                eprintln!("exported {count} accounts");
                Ok(())
            }
        }
    }
}

impl Sink {
    fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Stdout => io::stdout()
                .write_all(bytes)
                .context("cannot write to standard output"),
        }
    }
}
