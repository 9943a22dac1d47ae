//! The section of one operator in the text of the file.

use std::fmt::Write as _;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::operators::{Entry, Proof, Scope};

/// What a section of the file begins with.
pub(super) const HEAD: &str = "[[operators]]";

/// The section of an operator.
pub(super) fn text(entry: &Entry) -> String {
    let mut text = format!("{HEAD}\n");
    let scopes = list(entry.scopes.iter().copied().map(Scope::as_str));
    line(&mut text, "name", &quoted(&entry.name));
    line(&mut text, "scopes", &scopes);
    if let Some(realms) = &entry.realms {
        line(
            &mut text,
            "realms",
            &list(realms.iter().map(String::as_str)),
        );
    }
    if let Some(expires) = entry.expires {
        let at = OffsetDateTime::from_unix_timestamp(expires.seconds()).ok();
        let at = at.and_then(|at| at.format(&Rfc3339).ok());
        // The text is read again before it is written: what has no text is refused there.
        line(&mut text, "expires", &at.unwrap_or_default());
    }
    match &entry.proof {
        Proof::Token(digest) => {
            let digest = digest.iter().fold(String::new(), |mut text, byte| {
                // Writing to a string never fails.
                let _ = write!(text, "{byte:02x}");
                text
            });
            line(&mut text, "token_sha256", &quoted(&digest));
        }
        Proof::Certificate(name) => {
            line(&mut text, "certificate", &quoted(&name.to_str()));
        }
    }
    text
}

/// The text without one of its sections, of which there are `count`; none when it has another number of them.
///
/// A section goes from its head to the last line that is neither blank nor a comment. What stands between sections stays.
pub(super) fn without(text: &str, place: usize, count: usize) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let heads: Vec<usize> = (0..lines.len())
        .filter(|at| lines[*at].starts_with(HEAD))
        .collect();
    if heads.len() != count {
        return None;
    }
    let start = *heads.get(place)?;
    let next = heads.get(place + 1).copied().unwrap_or(lines.len());
    let is_content = |at: &usize| {
        let line = lines[*at].trim();
        !line.is_empty() && !line.starts_with('#')
    };
    let mut end = (start..next).rfind(is_content)? + 1;
    // One of the two blank lines that would meet.
    if lines.get(end).is_some_and(|line| line.trim().is_empty()) {
        end += 1;
    }
    Some(lines[..start].concat() + &lines[end..].concat())
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.map(quoted).collect();
    format!("[{}]", words.join(", "))
}

fn quoted(word: &str) -> String {
    toml::Value::from(word).to_string()
}

fn line(text: &mut String, key: &str, value: &str) {
    // Writing to a string never fails.
    let _ = writeln!(text, "{key} = {value}");
}
