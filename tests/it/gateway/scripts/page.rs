//! A page of Markdown in which commands stand in `sh` blocks, and what they print in `json` blocks behind them.

use crate::support::rest::masked;

const COMMANDS: &str = "```sh";
const ANSWERS: &str = "```json";
const CLOSE: &str = "```";
/// What a token is cut down to: nobody reads it, and it is wider than a page.
const TOKEN: &str = "eyJ…";

/// A page of which some parts are commands with their answers.
pub(super) struct Page {
    parts: Vec<Part>,
}

enum Part {
    /// A line that is no business of the shell's, or opens or closes a block.
    Line(String),
    /// The commands of one block.
    Commands(String),
    /// What the commands before it print.
    Answers(String),
}

/// What is typed, and what comes back, if anything does.
pub(super) struct Step {
    pub(super) command: String,
    pub(super) answer: Option<String>,
}

impl Page {
    pub(super) fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut lines = text.split_inclusive('\n').peekable();
        while let Some(line) = lines.next() {
            parts.push(Part::Line(line.to_owned()));
            let part = match line.trim_end() {
                COMMANDS => Part::Commands,
                ANSWERS => Part::Answers,
                _ => continue,
            };
            let mut block = String::new();
            while let Some(line) = lines.next_if(|line| line.trim_end() != CLOSE) {
                block.push_str(line);
            }
            parts.push(part(block));
            parts.extend(lines.next().map(|line| Part::Line(line.to_owned())));
        }
        Self { parts }
    }

    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for part in &self.parts {
            match part {
                Part::Line(_) => {}
                Part::Commands(commands) => steps.push(Step {
                    command: commands.clone(),
                    answer: None,
                }),
                Part::Answers(answers) => {
                    let step = steps.last_mut().expect("commands before their answers");
                    let before = step.answer.replace(answers.clone());
                    assert!(before.is_none(), "two answers to `{}`", step.command);
                }
            }
        }
        steps
    }

    /// A script for bash that leaves what the step number `n` prints in the file `n.out`.
    pub(super) fn script(&self) -> String {
        let mut script = String::new();
        for (number, step) in self.steps().into_iter().enumerate() {
            script.push_str("{\n");
            script.extend(step.command.split_inclusive('\n').map(waiting));
            script.extend(["} >", &number.to_string(), ".out\n"]);
        }
        script
    }

    /// The page with these answers where it has others.
    pub(super) fn with_answers(&self, answers: &[String]) -> String {
        let mut given = answers.iter();
        let mut last = "";
        let parts = self.parts.iter().map(|part| match part {
            Part::Line(line) => line.clone(),
            Part::Commands(commands) => {
                last = given.next().expect("an answer for each step");
                commands.clone()
            }
            Part::Answers(told) if mask(&compact(told)) == mask(last) => told.clone(),
            Part::Answers(_) => shorten(last),
        });
        parts.collect()
    }
}

/// A line of commands, which waits if it reads a code.
fn waiting(line: &str) -> String {
    if !line.starts_with("CODE=") {
        return line.to_owned();
    }
    let quoted = line.trim_end().replace('\'', r"'\''");
    format!("another_code '{quoted}'\n")
}

/// JSON without what is only there for the eye, each value on a line of its own. Members stay in their order.
pub(super) fn compact(text: &str) -> String {
    let mut compact = String::new();
    let (mut depth, mut in_text, mut is_escaped) = (0_u32, false, false);
    for c in text.chars() {
        if in_text {
            in_text = c != '"' || is_escaped;
            is_escaped = c == '\\' && !is_escaped;
        } else {
            match c {
                '"' => in_text = true,
                '{' | '[' => depth += 1,
                '}' | ']' => depth = depth.saturating_sub(1),
                c if c.is_whitespace() => continue,
                _ => {}
            }
        }
        compact.push(c);
        if depth == 0 && !in_text {
            compact.push('\n');
        }
    }
    compact
}

/// The text without what differs from one run to the next. The id of a pupil begins with the year.
pub(super) fn mask(text: &str) -> String {
    let masked = masked(&shorten(text));
    let words = masked.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    words
        .map(|word| {
            let digits = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            if digits.len() == 9 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
                word.replace(digits, "ID")
            } else {
                word.to_owned()
            }
        })
        .collect()
}

/// The text with tokens cut off.
fn shorten(text: &str) -> String {
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || "-_.…".contains(c);
    let mut shortened = String::new();
    let mut rest = text;
    while let Some((before, token)) = rest.split_once("eyJ") {
        shortened.push_str(before);
        shortened.push_str(TOKEN);
        rest = token.trim_start_matches(is_of_token);
    }
    shortened.push_str(rest);
    shortened
}
