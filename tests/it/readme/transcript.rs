//! Commands and their answers in a page of Markdown.

use std::{iter::Peekable, str::SplitInclusive};

use super::mask::shorten;

/// Stands above each block of the transcript.
const MARK: &str = "<!-- transcript -->";
const OPEN: &str = "```console";
const CLOSE: &str = "```";
const PROMPT: &str = "$ ";

/// A page of which some parts are commands with their answers.
pub(super) struct Transcript {
    parts: Vec<Part>,
}

enum Part {
    /// A line that is no business of the shell's.
    Line(String),
    Step(Step),
}

/// What is typed, and what comes back.
pub(super) struct Step {
    pub(super) command: String,
    pub(super) answer: String,
}

type Lines<'a> = Peekable<SplitInclusive<'a, char>>;

impl Transcript {
    pub(super) fn parse(page: &str) -> Self {
        let mut parts = Vec::new();
        let mut lines: Lines<'_> = page.split_inclusive('\n').peekable();
        while let Some(line) = lines.next() {
            parts.push(Part::Line(line.to_owned()));
            if line.trim_end() == MARK {
                let fence = lines.next().unwrap_or_default();
                assert_eq!(fence.trim_end(), OPEN, "after {MARK}");
                parts.push(Part::Line(fence.to_owned()));
                parts.extend(block(&mut lines).into_iter().map(Part::Step));
            }
        }
        Self { parts }
    }

    pub(super) fn steps(&self) -> Vec<&Step> {
        let steps = self.parts.iter().filter_map(|part| match part {
            Part::Step(step) => Some(step),
            Part::Line(_) => None,
        });
        steps.collect()
    }

    /// The page with other answers.
    pub(super) fn with_answers(&self, answers: &[String]) -> String {
        let mut answers = answers.iter();
        let parts = self.parts.iter().map(|part| match part {
            Part::Line(line) => line.clone(),
            Part::Step(step) => {
                let answer = answers.next().expect("an answer for each command");
                format!("{PROMPT}{}{}", step.command, shorten(answer))
            }
        });
        parts.collect()
    }

    /// A script for bash that leaves the answer to the command number `n` in the file `n.out`.
    pub(super) fn script(&self) -> String {
        let numbered = self.steps().into_iter().enumerate();
        numbered
            .map(|(number, step)| run(number, &step.command))
            .collect()
    }
}

/// The commands up to the end of the block.
fn block(lines: &mut Lines<'_>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    while let Some(line) = lines.next_if(|line| line.trim_end() != CLOSE) {
        if let Some(first) = line.strip_prefix(PROMPT) {
            let mut command = first.to_owned();
            while command.trim_end().ends_with('\\')
                && let Some(more) = lines.next()
            {
                command.push_str(more);
            }
            let answer = String::new();
            steps.push(Step { command, answer });
        } else {
            let step = steps.last_mut().expect("a block begins with a command");
            step.answer.push_str(line);
        }
    }
    steps
}

fn run(number: usize, command: &str) -> String {
    let once = format!("{{\n{command}}} >{number}.out 2>&1\n");
    let Some(variable) = assigned(command) else {
        return once;
    };
    // Mails are sent after the answer, so the code may not be there at once.
    format!(
        "for ((tries = 0; tries < 100; tries++)); do\n\
         {once}[ -n \"${variable}\" ] && break\nsleep 0.1\ndone\n"
    )
}

/// The variable that a command sets, if that is all it does.
fn assigned(command: &str) -> Option<&str> {
    let (name, _) = command.split_once('=')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase());
    is_name.then_some(name)
}
