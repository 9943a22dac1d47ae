//! Rows in columns, no wider than the terminal.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal as _},
};

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr};

use super::output::plain;

/// Between two columns.
const GAP: usize = 2;

/// A column is not made narrower than this.
const NARROWEST: usize = 8;

/// A table that is printed some rows at a time. The first ones decide how wide its columns are.
pub(super) struct Table<const N: usize> {
    head: [&'static str; N],
    widths: Option<[usize; N]>,
    /// Columns of the terminal; none where nobody looks, and nothing may be cut.
    most: Option<usize>,
}

impl<const N: usize> Table<N> {
    /// A table for standard output. Its first column, which names the row, is never cut.
    pub(super) fn new(head: [&'static str; N]) -> Self {
        let stdout = io::stdout();
        let size = stdout
            .is_terminal()
            .then(|| rustix::termios::tcgetwinsize(&stdout).ok());
        Self {
            head,
            widths: None,
            most: size
                .flatten()
                .map(|size| usize::from(size.ws_col))
                .filter(|columns| *columns > 0),
        }
    }

    /// The lines of some more rows, below the head if they are the first.
    pub(super) fn lines(&mut self, rows: &[[String; N]]) -> String {
        let rows: Vec<[String; N]> = rows
            .iter()
            .map(|row| row.each_ref().map(|cell| shown(cell)))
            .collect();
        let mut text = String::new();
        let widths = if let Some(widths) = self.widths {
            widths
        } else {
            let widths = self.fit(&rows);
            self.widths = Some(widths);
            self.line(&mut text, &widths, &self.head.map(str::to_owned));
            widths
        };
        for row in &rows {
            self.line(&mut text, &widths, row);
        }
        text
    }

    /// As wide as the widest cell, or narrower where the terminal is.
    fn fit(&self, rows: &[[String; N]]) -> [usize; N] {
        let mut widths = self.head.map(UnicodeWidthStr::width);
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let Some(most) = self.most else {
            return widths;
        };
        let gaps = GAP * N.saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > most {
            let widest = widths.iter_mut().skip(1).max_by_key(|width| **width);
            match widest {
                Some(width) if *width > NARROWEST => *width -= 1,
                _ => break,
            }
        }
        widths
    }

    fn line(&self, text: &mut String, widths: &[usize; N], cells: &[String; N]) {
        for (place, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let cell = if self.most.is_some() && place > 0 {
                cut(cell, *width)
            } else {
                cell.clone()
            };
            text.push_str(&cell);
            if place + 1 < N {
                let blank = width.saturating_sub(cell.width()) + GAP;
                text.push_str(&" ".repeat(blank));
            }
        }
        // A last cell may be empty.
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
}

/// Names with what they stand for, a line each.
pub(super) fn pairs(pairs: &[(&str, String)]) -> String {
    let widest = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in pairs {
        // Writing to a string never fails.
        let _ = writeln!(text, "{name:<widest$}  {}", shown(value));
    }
    text
}

/// A cell: nothing that a terminal would obey, and a dash for what is empty.
fn shown(cell: &str) -> String {
    if cell.is_empty() {
        "-".to_owned()
    } else {
        plain(cell)
    }
}

fn cut(cell: &str, width: usize) -> String {
    if cell.width() <= width {
        return cell.to_owned();
    }
    let mut text = String::new();
    let mut used = 0;
    for letter in cell.chars() {
        used += letter.width().unwrap_or(0);
        if used >= width {
            break;
        }
        text.push(letter);
    }
    text.push('…');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(most: Option<usize>) -> Table<3> {
        Table {
            head: ["ID", "EMAIL", "ROLE"],
            widths: None,
            most,
        }
    }

    fn row(cells: [&str; 3]) -> [String; 3] {
        cells.map(str::to_owned)
    }

    #[test]
    fn where_nobody_looks_nothing_is_cut() {
        let long = "a".repeat(300);
        let text = table(None).lines(&[row(["1", &long, ""]), row(["22", "b", "USER"])]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with("ID  EMAIL  "), "{}", lines[0]);
        assert_eq!(lines[1], format!("1   {long}  -"));
        assert!(lines[2].ends_with("USER"));
    }

    #[test]
    fn a_terminal_is_not_overrun() {
        let id = "01a1ffd7-4bd0-7384-a108-3ed42ef9855b";
        let mut table = table(Some(60));
        let wide = "貓".repeat(30);
        let first = table.lines(&[row([id, &wide, "USER"])]);
        let later = table.lines(&[row([id, "a long address@example.com", "USER"])]);
        assert_eq!(later.lines().count(), 1, "one head is enough");
        for line in first.lines().chain(later.lines()) {
            assert!(line.width() <= 60, "{line}");
        }
        for line in [first.lines().nth(1).unwrap(), later.trim_end()] {
            assert!(line.starts_with(id) && line.contains('…'), "{line}");
        }
    }

    #[test]
    fn what_others_wrote_stays_in_its_line() {
        let text = pairs(&[("id", "1".to_owned()), ("name", "a\nb".to_owned())]);
        assert_eq!(text, "id    1\nname  a\u{fffd}b\n");
    }
}
