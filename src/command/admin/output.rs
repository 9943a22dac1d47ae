//! What is printed: JSON for programs, text for terminals.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

use serde::Serialize;

use super::refusal::Refusal;

/// How to print.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    is_json: bool,
}

#[derive(Serialize)]
struct Failure {
    error: Refusal,
}

impl Output {
    pub(super) const fn new(is_json: bool) -> Self {
        Self { is_json }
    }

    /// Whether programs read it.
    pub(super) const fn is_json(self) -> bool {
        self.is_json
    }

    /// Prints one document as JSON, or the text that says the same.
    pub(super) fn tell(self, document: &impl Serialize, text: &str) -> anyhow::Result<()> {
        if self.is_json {
            return self.print(&(escape(&serde_json::to_string_pretty(document)?) + "\n"));
        }
        self.print(text)
    }

    /// Prints text as it is.
    #[expect(clippy::unused_self, reason = "all that is printed goes this way")]
    pub(super) fn print(self, text: &str) -> anyhow::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        Ok(stdout.flush()?)
    }

    /// Prints why nothing came of it, as a document on standard error.
    #[expect(clippy::unused_self, reason = "all that is printed goes this way")]
    pub(super) fn error(self, error: &anyhow::Error) -> anyhow::Result<()> {
        let error = match error.downcast_ref::<Refusal>() {
            // What it was refused in the middle of is told before it.
            Some(refusal) if error.chain().len() > 1 => Refusal {
                message: format!("{error}: {}", refusal.message),
                ..refusal.clone()
            },
            Some(refusal) => refusal.clone(),
            None => Refusal::without_reason(format!("{error:#}")),
        };
        let text = escape(&serde_json::to_string(&Failure { error })?);
        Ok(writeln!(io::stderr(), "{text}")?)
    }
}

/// One line of JSON Lines.
pub(super) fn json_line(document: &impl Serialize) -> serde_json::Result<String> {
    Ok(escape(&serde_json::to_string(document)?) + "\n")
}

/// Text of others without what a terminal would obey, or by which it would turn words around.
pub(super) fn plain(text: &str) -> String {
    let obeyed = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(obeyed, "\u{fffd}")
}

/// JSON leaves some control characters as they are; all of them stand in strings.
fn escape(json: &str) -> String {
    let is_bare = |letter: &char| matches!(letter, '\u{7f}'..='\u{9f}');
    if !json.contains(|letter| is_bare(&letter)) {
        return json.to_owned();
    }
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        if is_bare(&letter) {
            // Writing to a string never fails.
            let _ = write!(text, "\\u{:04x}", u32::from(letter));
        } else {
            text.push(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_not_commanded() {
        assert_eq!(
            plain("a\u{1b}[2Jb\u{9b}1m\u{202e}c"),
            "a\u{fffd}[2Jb\u{fffd}1m\u{fffd}c"
        );
        let line = json_line(&"a\u{1b}\u{9b}\u{7f}é").unwrap();
        assert_eq!(line, "\"a\\u001b\\u009b\\u007fé\"\n");
        let back: String = serde_json::from_str(&line).unwrap();
        assert_eq!(back, "a\u{1b}\u{9b}\u{7f}é");
    }
}
