//! `docs/security.md`, from the catalogue of attacks and faults and the names of the tests that carry its ids.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use super::settle;

const CATALOGUE: &str = include_str!("../../../docs/catalogue.txt");
const FUZZING: &str = include_str!("../../../docs/fuzzing.md");
const REASONS: &str = include_str!("../../../docs/security-reasons.toml");

const HEAD: &str = "\
# Attacks and faults, and the tests that try them

<!-- Made from docs/catalogue.txt, docs/security-reasons.toml, docs/fuzzing.md and the names of the tests by
     tests/it/docs/security.rs. -->

A test that tries a case carries its id in its name: `cargo test pr_06` runs those of PR-06.
";

/// One case of the catalogue.
struct Case {
    chapter: &'static str,
    id: &'static str,
    what: &'static str,
}

fn catalogue() -> Vec<Case> {
    let mut chapter = "";
    let mut cases = Vec::new();
    for line in CATALOGUE.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            chapter = title;
        } else if let Some((id, what)) = line.split_once(' ')
            && id != "#"
        {
            cases.push(Case { chapter, id, what });
        }
    }
    cases
}

/// Why a case has no test.
fn reasons() -> BTreeMap<String, String> {
    toml::from_str(REASONS).unwrap()
}

/// The names of all tests that carry an id, by that id.
pub(super) fn tests() -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for directory in ["src", "tests"] {
        for text in sources(&root.join(directory)) {
            for name in text.lines().filter_map(function) {
                found
                    .entry(id_of(name))
                    .or_default()
                    .insert(name.to_owned());
            }
        }
    }
    found
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

/// The name of the function that the line begins, if it has the form `pr_06_…`.
fn function(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("async ").unwrap_or(line);
    let name = line.strip_prefix("fn ")?.split(['(', '<']).next()?;
    is_case(name).then_some(name)
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

#[test]
fn the_page_of_attacks_is_fresh() {
    let (tests, reasons) = (tests(), reasons());
    let mut page = String::from(HEAD);
    let mut chapter = "";
    for Case {
        chapter: of_case,
        id,
        what,
    } in catalogue()
    {
        if chapter != of_case {
            chapter = of_case;
            write!(
                page,
                "\n## {chapter}\n\n| Id | What | Tests |\n|---|---|---|\n"
            )
            .unwrap();
        }
        let told = match (tests.get(id), reasons.get(id)) {
            (Some(names), _) => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                names.join("<br>")
            }
            (None, Some(why)) => format!("none: {why}"),
            (None, None) => String::new(),
        };
        writeln!(page, "| {id} | {what} | {told} |").unwrap();
    }
    page.push('\n');
    page.push_str(FUZZING);
    settle("security.md", &page);
}

/// Reasons that have become untrue are not kept: a case has tests or a reason.
#[test]
fn reasons_are_of_cases_without_tests() {
    let tests = tests();
    let is_true = |line: &&str| {
        line.split(" = ")
            .next()
            .is_none_or(|id| !tests.contains_key(id))
    };
    let lines: Vec<&str> = REASONS.lines().filter(is_true).collect();
    settle("security-reasons.toml", &format!("{}\n", lines.join("\n")));
}

#[test]
fn every_case_has_a_test_or_a_reason() {
    let (tests, reasons) = (tests(), reasons());
    let cases = catalogue();
    let ids: BTreeSet<&str> = cases.iter().map(|case| case.id).collect();
    assert_eq!((cases.len(), ids.len()), (161, 161), "each case once");
    let bare: Vec<&&str> = ids
        .iter()
        .filter(|id| !tests.contains_key(**id) && !reasons.contains_key(**id))
        .collect();
    assert!(bare.is_empty(), "neither test nor reason: {bare:?}");
    let strange: Vec<&String> = tests
        .keys()
        .chain(reasons.keys())
        .filter(|id| !ids.contains(id.as_str()))
        .collect();
    assert!(strange.is_empty(), "not in docs/catalogue.txt: {strange:?}");
}
