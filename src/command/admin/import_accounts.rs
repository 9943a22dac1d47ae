//! `accountd admin import`.
//!
//! A thread reads lines and sends their rows; the answers come back in the order of the rows, so that a queue of what was
//! read tells which line each belongs to. The queue is bounded: a server that answers slowly is read for slowly.

mod lines;
mod report;

use std::{
    fs,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::Args;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Status, Streaming};

use super::{
    call::{Run, Session},
    refusal::Refusal,
};
use crate::proto::{
    ImportAccountsRequest, ImportAccountsResponse,
    import_accounts_request::{Header, Part},
};
use lines::{Fate, Line};
use report::Report;

/// Rows on their way to the server.
const ROWS: usize = 64;

/// Lines that were read and not answered yet; more than the server takes at a time.
const QUEUE: usize = 1_024;

/// Which file, and what to do with it.
#[derive(Debug, Args)]
pub(super) struct ImportAccounts {
    /// The file, with one JSON object per line; `-` for standard input.
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// Check every row, and keep none.
    #[arg(long)]
    validate_only: bool,
    /// Write the lines that were refused to this file, as they were; it has mode 0600.
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
}

impl Run for ImportAccounts {
    async fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        let (source, size) = self.open()?;
        let mut report = Report::new(
            session.output,
            self.validate_only,
            self.errors.as_deref(),
            size,
        )?;
        let (rows, stream) = mpsc::channel(ROWS);
        let (queue, mut waiting) = mpsc::channel(QUEUE);
        let header = Part::Header(Header {
            realm: session.realm.clone(),
            validate_only: self.validate_only,
        });
        rows.send(ImportAccountsRequest { part: Some(header) })
            .await?;
        let keeps_text = self.errors.is_some();
        tokio::task::spawn_blocking(move || {
            lines::send(BufReader::new(source), keeps_text, rows, queue);
        });
        // It has the time that the server gives it.
        let mut client = session.client();
        let call = client.import_accounts(Request::new(ReceiverStream::new(stream)));
        let answers = call.await.map_err(Refusal::from)?.into_inner();
        let told = tell(&mut waiting, answers, &mut report).await;
        let has_refused = report.finish()?;
        told?;
        Ok(if has_refused {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }
}

impl ImportAccounts {
    /// What to read, and how many bytes it has where that is known.
    fn open(&self) -> anyhow::Result<(Box<dyn Read + Send>, Option<u64>)> {
        if self.file.as_os_str() == "-" {
            return Ok((Box::new(io::stdin()), None));
        }
        let name = self.file.display();
        if let Some(errors) = &self.errors {
            anyhow::ensure!(
                !is_same(errors, &self.file),
                "--errors would replace {name} itself: name another file"
            );
        }
        let opened = fs::File::open(&self.file).and_then(|file| Ok((file.metadata()?, file)));
        let (about, file) = opened.with_context(|| format!("cannot read {name}"))?;
        anyhow::ensure!(!about.is_dir(), "cannot read {name}: it is a directory");
        Ok((Box::new(file), about.is_file().then_some(about.len())))
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// Tells of each line what came of it, in the order of the lines.
async fn tell(
    waiting: &mut mpsc::Receiver<Line>,
    answers: Streaming<ImportAccountsResponse>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut answers = Answers {
        stream: answers,
        early: None,
        due: 0,
    };
    let mut behind = 1;
    while let Some(line) = answers.next_line(waiting, behind).await? {
        behind = line.number + 1;
        match line.fate {
            Fate::Refused(ref refusal) => report.refused(&line, refusal)?,
            Fate::Unreadable(error) => {
                return Err(error).with_context(|| {
                    format!(
                        "cannot read line {}; those before are answered",
                        line.number
                    )
                });
            }
            Fate::Sent => {
                let answer = answers.next(line.number).await?;
                match answer.error {
                    Some(error) => report.refused(&line, &error.into())?,
                    None => report.taken(&line, &answer.account_id)?,
                }
            }
        }
    }
    Ok(())
}

/// The answers to the rows that were sent.
struct Answers {
    stream: Streaming<ImportAccountsResponse>,
    /// One that came before its line was looked at.
    early: Option<ImportAccountsResponse>,
    /// The number of the next row.
    due: i64,
}

impl Answers {
    /// The next line that was read; none at the end. While there is none to read, a server that gives up is heard all the
    /// same. `number` is that of the line.
    async fn next_line(
        &mut self,
        waiting: &mut mpsc::Receiver<Line>,
        number: u64,
    ) -> anyhow::Result<Option<Line>> {
        if self.early.is_some() {
            return Ok(waiting.recv().await);
        }
        tokio::select! {
            biased;
            line = waiting.recv() => return Ok(line),
            answered = self.stream.message() => self.early = Some(whole(answered, number)?),
        }
        Ok(waiting.recv().await)
    }

    /// The answer to the row of that line.
    async fn next(&mut self, number: u64) -> anyhow::Result<ImportAccountsResponse> {
        let answer = match self.early.take() {
            Some(answer) => answer,
            None => whole(self.stream.message().await, number)?,
        };
        anyhow::ensure!(
            answer.index == self.due,
            "the server answered row {} where row {} was due",
            answer.index,
            self.due
        );
        self.due += 1;
        Ok(answer)
    }
}

/// An answer, or that there are no more although rows were sent.
fn whole(
    answered: Result<Option<ImportAccountsResponse>, Status>,
    number: u64,
) -> anyhow::Result<ImportAccountsResponse> {
    let cut_off = || {
        format!(
            "cut off: the lines before line {number} are answered; send it and those behind it again, where what is there \
             already is answered with what is taken"
        )
    };
    let answer = answered.map_err(Refusal::from).with_context(cut_off)?;
    answer.with_context(cut_off)
}
