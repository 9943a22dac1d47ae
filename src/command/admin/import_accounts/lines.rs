//! The lines of a file, one after the other.

use std::io::{self, BufRead, Read as _};

use tokio::sync::mpsc::Sender;

use crate::{
    command::admin::{refusal::Refusal, row},
    proto::{AccountRow, ImportAccountsRequest, import_accounts_request::Part},
};

/// Longest line that is taken, in bytes: a row has less, with all that a realm could allow in it.
const LONGEST: u64 = 256 * 1024;

/// A line that was read.
pub(super) struct Line {
    /// The first is 1.
    pub(super) number: u64,
    /// Bytes from the beginning of the file to the end of the line.
    pub(super) end: u64,
    /// The line as it was, when it is wanted and was not too long.
    pub(super) text: Option<Vec<u8>>,
    /// What became of it here.
    pub(super) fate: Fate,
}

/// What became of a line before the server saw it.
pub(super) enum Fate {
    /// It is on its way.
    Sent,
    /// It is no row.
    Refused(Refusal),
    /// It could not be read, nor any behind it.
    Unreadable(io::Error),
}

/// Sends the row of each line to `rows`, and what became of the line to `queue` first, until there is no more to read or
/// nobody listens. Blank lines are passed over.
pub(super) fn send(
    mut source: impl BufRead,
    keeps_text: bool,
    rows: Sender<ImportAccountsRequest>,
    queue: Sender<Line>,
) {
    let (mut number, mut end) = (0, 0);
    while let Some((line, row)) = next(&mut source, keeps_text, &mut number, &mut end) {
        let is_last = matches!(line.fate, Fate::Unreadable(_));
        if queue.blocking_send(line).is_err() || is_last {
            break;
        }
        let part = row.map(Part::Row);
        // Where nobody takes it, the answers say why.
        if part.is_some() && rows.blocking_send(ImportAccountsRequest { part }).is_err() {
            break;
        }
    }
    // The server ends its answers when there are no more rows, which must not be the first to be heard.
    drop(queue);
    drop(rows);
}

/// The next line that is not blank, with its row if it has one; none at the end.
fn next(
    source: &mut impl BufRead,
    keeps_text: bool,
    number: &mut u64,
    end: &mut u64,
) -> Option<(Line, Option<AccountRow>)> {
    loop {
        let mut text = Vec::new();
        *number += 1;
        let (fate, row) = match read_line(source, &mut text) {
            Err(error) => (Fate::Unreadable(error), None),
            Ok(0) => return None,
            Ok(length) => {
                *end += length;
                if length > LONGEST {
                    (Fate::Refused(too_long()), None)
                } else if text.trim_ascii().is_empty() {
                    continue;
                } else {
                    match row::read(without_mark(&text, *number)) {
                        Ok(row) => (Fate::Sent, Some(row)),
                        Err(refusal) => (Fate::Refused(refusal), None),
                    }
                }
            }
        };
        let line = Line {
            number: *number,
            end: *end,
            text: (keeps_text && !text.is_empty()).then_some(text),
            fate,
        };
        return Some((line, row));
    }
}

/// Reads a line and tells how long it was; 0 at the end. What is too long is passed over, and leaves no text.
fn read_line(source: &mut impl BufRead, text: &mut Vec<u8>) -> io::Result<u64> {
    let mut length = 0;
    loop {
        let read = source.by_ref().take(LONGEST + 1).read_until(b'\n', text)?;
        length += read as u64;
        let is_whole = read == 0 || text.ends_with(b"\n");
        if length > LONGEST {
            text.clear();
        }
        if is_whole {
            return Ok(length);
        }
    }
}

/// The first line without the mark that some editors put before it.
fn without_mark(text: &[u8], number: u64) -> &[u8] {
    match text.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) if number == 1 => rest,
        _ => text,
    }
}

fn too_long() -> Refusal {
    Refusal {
        reason: "MALFORMED_REQUEST".to_owned(),
        ..Refusal::without_reason(format!("the line has more than {LONGEST} bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(text: &[u8]) -> Vec<(u64, usize)> {
        let mut source = io::BufReader::with_capacity(100, text);
        let mut found = Vec::new();
        loop {
            let mut line = Vec::new();
            match read_line(&mut source, &mut line).unwrap() {
                0 => return found,
                length => found.push((length, line.len())),
            }
        }
    }

    #[test]
    fn a_line_that_is_too_long_costs_itself_alone() {
        let most = usize::try_from(LONGEST).unwrap();
        let mut text = vec![b'a'; most - 1];
        text.push(b'\n');
        text.extend(vec![b'b'; most]);
        text.extend(b"\nc\n");
        text.extend(vec![b'd'; 3 * most]);
        text.extend(b"\ne");
        assert_eq!(
            lengths(&text),
            [
                (LONGEST, most),
                (LONGEST + 1, 0),
                (2, 2),
                (3 * LONGEST + 1, 0),
                (1, 1)
            ]
        );
    }
}
