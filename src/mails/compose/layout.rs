//! From written paragraphs to a text part and to what the HTML layout needs.

use serde::Serialize;

use crate::mails::Locale;

/// Columns in the text part: short of the 78 that RFC 5322 recommends as the most.
const COLUMNS: usize = 76;
/// How a paragraph that stands out begins: the code.
const INDENT: &str = "    ";

/// A mail as its template wrote it.
#[derive(Serialize)]
pub(super) struct Page {
    locale: &'static str,
    pub(super) subject: String,
    paragraphs: Vec<Paragraph>,
}

#[derive(Serialize)]
struct Paragraph {
    text: String,
    stands_out: bool,
}

impl Page {
    /// Reads a subject and paragraphs, parted by blank lines; line breaks within a paragraph mean nothing.
    pub(super) fn read(locale: Locale, written: &str) -> Self {
        let mut blocks = written
            .split("\n\n")
            .map(|block| block.trim_matches('\n'))
            .filter(|block| !block.trim().is_empty());
        let subject = blocks.next().map(one_line).unwrap_or_default();
        let paragraphs = blocks
            .map(|block| Paragraph {
                text: one_line(block),
                stands_out: block.starts_with(INDENT),
            })
            .collect();
        Self {
            locale: locale.as_str(),
            subject,
            paragraphs,
        }
    }

    /// The text part.
    pub(super) fn text(&self) -> String {
        let blocks: Vec<String> = self
            .paragraphs
            .iter()
            .map(|paragraph| {
                if paragraph.stands_out {
                    format!("{INDENT}{}", paragraph.text)
                } else {
                    wrap(&paragraph.text)
                }
            })
            .collect();
        blocks.join("\n\n") + "\n"
    }
}

fn one_line(block: &str) -> String {
    block.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn wrap(text: &str) -> String {
    let mut lines = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > COLUMNS {
            lines.push('\n');
            column = 0;
        } else if column > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += width;
    }
    lines
}
