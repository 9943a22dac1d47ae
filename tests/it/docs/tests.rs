//! The tests that carry an id of the catalogue, and the engines that they run on, read from their sources.

use std::{collections::BTreeMap, fs, path::Path};

/// Tests by name, with what they run on.
type Tests = BTreeMap<String, &'static str>;

const BOTH: &str = "both";
const SQL: &str = "SQLite; PostgreSQL";
const KV: &str = "memory; Redis";
const EMBEDDED: &str = "SQLite, memory";
const PRODUCTION: &str = "PostgreSQL, Redis";
const NONE: &str = "–";

/// The macros that make a test for each engine, of functions or of names.
const MACROS: [(&str, &str); 3] = [
    ("on_both_engines! {", BOTH),
    ("both_engines! {", SQL),
    ("on_both! {", KV),
];

/// All of them, by their id.
pub(super) fn by_id() -> BTreeMap<String, Tests> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found: BTreeMap<String, Tests> = BTreeMap::new();
    for directory in ["src", "tests"] {
        for text in sources(&root.join(directory)) {
            for (name, engines) in tests_of(&text) {
                found.entry(id_of(&name)).or_default().insert(name, engines);
            }
        }
    }
    found
}

/// Whether it has the form `pr_06_…`.
pub(super) fn is_case(name: &str) -> bool {
    let mut parts = name.split('_');
    let (group, number) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    group.len() == 2
        && group.bytes().all(|byte| byte.is_ascii_lowercase())
        && number.len() == 2
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn id_of(name: &str) -> String {
    name[..5].to_uppercase().replace('_', "-")
}

fn sources(directory: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            texts.push(fs::read_to_string(&path).unwrap());
        }
    }
    texts
}

fn tests_of(text: &str) -> Tests {
    let lines: Vec<&str> = text.lines().collect();
    let mut tests = Tests::new();
    let mut of_macro = None;
    let mut is_marked = false;
    for (number, line) in lines.iter().enumerate() {
        let (is_outside, line) = (!line.starts_with(' '), line.trim());
        if is_outside {
            let begun = MACROS.iter().find(|(head, _)| *head == line);
            of_macro = begun.map(|(_, engines)| *engines).or(of_macro);
            if line == "}" {
                of_macro = None;
            }
        }
        is_marked |= line == "#[test]" || line.starts_with("#[tokio::test");
        if let Some(name) = function(line) {
            if let Some(engines) = of_macro {
                tests.insert(name.to_owned(), engines);
            } else if is_marked {
                tests.insert(name.to_owned(), engines(&lines, number));
            }
            is_marked = false;
        } else if let Some(name) = listed(line) {
            let engines = of_macro.unwrap_or_else(|| engines_in(line).unwrap_or(NONE));
            tests.insert(name.to_owned(), engines);
        }
    }
    tests
}

/// The name of the function that the line begins.
fn function(line: &str) -> Option<&str> {
    let line = line.strip_prefix("async ").unwrap_or(line);
    let name = line.strip_prefix("fn ")?.split(['(', '<']).next()?;
    is_case(name).then_some(name)
}

/// The name that a macro is given in a list: `codes::ot_01_…,` or `lc_08_…: Bug on Engines …;`.
fn listed(line: &str) -> Option<&str> {
    let name = match line.strip_suffix(',') {
        Some(path) => path.split("::").nth(1)?,
        None => line.strip_suffix(';')?.split_once(": ")?.0,
    };
    let is_name = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_name && is_case(name)).then_some(name)
}

/// What the function at that line runs on: as it says itself, or else as its file says.
fn engines(lines: &[&str], number: usize) -> &'static str {
    let head = lines[number];
    let margin = &head[..head.len() - head.trim_start().len()];
    let body = lines[number..].iter();
    let body: Vec<&str> = body
        .take_while(|line| **line != format!("{margin}}}"))
        .copied()
        .collect();
    engines_in(&body.join("\n"))
        .or_else(|| engines_in(&lines.join("\n")))
        .unwrap_or(NONE)
}

fn engines_in(text: &str) -> Option<&'static str> {
    let names = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let production = names(&["Engines::Production", " on Production "]);
    let embedded = names(&["Engines::Embedded", " on Embedded "]);
    let (postgres, redis) = (names(&["postgres::"]), names(&["Redis::", "redis::"]));
    match (production, embedded, postgres, redis) {
        (true, true, ..) => Some(BOTH),
        (true, false, ..) | (false, false, true, true) => Some(PRODUCTION),
        (false, true, ..) => Some(EMBEDDED),
        (false, false, true, false) => Some("PostgreSQL"),
        (false, false, false, true) => Some("Redis"),
        (false, false, false, false) => None,
    }
}
