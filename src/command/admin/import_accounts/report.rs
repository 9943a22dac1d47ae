//! What came of each line, on standard output, on standard error and in a file.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal as _},
    path::Path,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::lines::Line;
use crate::command::admin::{
    output::{Output, json_line},
    private_file::PrivateFile,
    refusal::{Refusal, Violation},
};

/// Tells of each line, and counts.
pub(super) struct Report {
    output: Output,
    validate_only: bool,
    errors: Option<PrivateFile>,
    bar: ProgressBar,
    taken: u64,
    /// By reason.
    refused: BTreeMap<String, u64>,
}

/// What came of a line: an answer of the contract, with the line's number in the place of the row's.
#[derive(Serialize)]
struct Outcome<'a> {
    line: u64,
    account_id: &'a str,
    error: Option<RowError<'a>>,
}

#[derive(Serialize)]
struct RowError<'a> {
    reason: &'a str,
    message: &'a str,
    violations: &'a [Violation],
}

impl Report {
    /// Begins, with the file for lines that are refused. `size` is that of what is read, in bytes, where it is known.
    pub(super) fn new(
        output: Output,
        validate_only: bool,
        errors: Option<&Path>,
        size: Option<u64>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            output,
            validate_only,
            errors: errors.map(PrivateFile::begin).transpose()?,
            bar: bar(size),
            taken: 0,
            refused: BTreeMap::new(),
        })
    }

    /// Tells of a line whose row was taken.
    pub(super) fn taken(&mut self, line: &Line, account_id: &str) -> anyhow::Result<()> {
        self.taken += 1;
        self.tell_json(&Outcome {
            line: line.number,
            account_id,
            error: None,
        })?;
        self.advance(line);
        Ok(())
    }

    /// Tells of a line that was refused, and keeps it.
    pub(super) fn refused(&mut self, line: &Line, refusal: &Refusal) -> anyhow::Result<()> {
        *self.refused.entry(refusal.reason.clone()).or_default() += 1;
        if let (Some(file), Some(text)) = (&mut self.errors, &line.text) {
            file.write(text)?;
            if !text.ends_with(b"\n") {
                file.write(b"\n")?;
            }
        }
        if self.output.is_json() {
            let error = RowError {
                reason: &refusal.reason,
                message: &refusal.message,
                violations: &refusal.violations,
            };
            self.tell_json(&Outcome {
                line: line.number,
                account_id: "",
                error: Some(error),
            })?;
        } else {
            self.bar
                .suspend(|| eprintln!("line {}: {refusal}", line.number));
        }
        self.advance(line);
        Ok(())
    }

    /// Tells the counts, puts the file of refused lines in its place, and says whether there were any.
    pub(super) fn finish(self) -> anyhow::Result<bool> {
        self.bar.finish_and_clear();
        if let Some(file) = self.errors {
            file.finish()?;
        }
        let did = if self.validate_only {
            "would import"
        } else {
            "imported"
        };
        let reasons: Vec<String> = self
            .refused
            .iter()
            .map(|(reason, count)| format!("{reason} {count}"))
            .collect();
        let refused: u64 = self.refused.values().sum();
        let mut text = format!("{did} {}, refused {refused}", self.taken);
        if refused > 0 {
            text = format!("{text}: {}", reasons.join(", "));
        }
        if self.output.is_json() {
            // Standard output has the lines, and nothing else.
            eprintln!("{text}");
        } else {
            self.output.print(&format!("{text}\n"))?;
        }
        Ok(refused > 0)
    }

    fn tell_json(&self, outcome: &Outcome<'_>) -> anyhow::Result<()> {
        if !self.output.is_json() {
            return Ok(());
        }
        let line = json_line(outcome)?;
        self.bar.suspend(|| self.output.print(&line))
    }

    fn advance(&self, line: &Line) {
        self.bar.set_position(line.end);
    }
}

/// A bar on a terminal, and nothing where nobody looks.
fn bar(size: Option<u64>) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(size, ProgressDrawTarget::stderr());
    let template = if size.is_some() {
        "{bar:40} {bytes} of {total_bytes}, {eta} left"
    } else {
        "{bytes} in {elapsed}"
    };
    // The template is right, or the default serves.
    bar.set_style(
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    bar
}
