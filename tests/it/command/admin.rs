//! What operators do at a terminal.

mod accounts;
mod arguments;
mod connection;
mod operators;
mod proof;
mod served;
mod transfers;

use std::process::Output;

use serde_json::Value as Json;

use crate::support::installation::Installation;

/// What a command said and how it ended.
struct Told {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Told {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Told {
    /// It must have worked. Returns what it printed.
    fn worked(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self.out
    }

    /// It must have been refused, in one line. Returns that.
    fn refused(self) -> String {
        assert_eq!(self.code, Some(1), "{}{}", self.out, self.err);
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
        self.err
    }

    /// It must have worked and printed one document.
    fn document(self) -> Json {
        serde_json::from_str(&self.worked()).unwrap()
    }

    /// What it printed, as JSON Lines.
    fn lines(&self) -> Vec<Json> {
        let lines = self.out.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

fn admin(accountd: &Installation, arguments: &[&str]) -> Told {
    accountd.run(&[&["admin"], arguments].concat()).into()
}
