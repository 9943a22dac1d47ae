//! `docs/security.md`, from the catalogue of attacks and faults and the names of the tests that carry its ids.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::{settle, tests::by_id};

const CATALOGUE: &str = include_str!("../../../docs/catalogue.txt");
const FUZZING: &str = include_str!("../../../docs/fuzzing.md");
const REASONS: &str = include_str!("../../../docs/security-reasons.toml");

const HEAD: &str = "\
# Attacks and faults, and the tests that try them

<!-- Made from docs/catalogue.txt, docs/security-reasons.toml, docs/fuzzing.md and the names of the tests by
     tests/it/docs/security.rs. -->

A test that tries a case carries its id in its name: `cargo test pr_06` runs those of PR-06. Engines are told in the order of the
tests: `both` is once on SQLite with memory and once on PostgreSQL with Redis, `–` is none.
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

#[test]
fn the_page_of_attacks_is_fresh() {
    let (tests, reasons) = (by_id(), reasons());
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
                "\n## {chapter}\n\n| Id | What | Tests | Engines |\n|---|---|---|---|\n"
            )
            .unwrap();
        }
        let (told, engines) = match (tests.get(id), reasons.get(id)) {
            (Some(of_case), _) => {
                let names: Vec<String> = of_case.keys().map(|name| format!("`{name}`")).collect();
                let engines: Vec<&str> = of_case.values().copied().collect();
                (names.join("<br>"), engines.join("<br>"))
            }
            (None, Some(why)) => (format!("none: {why}"), String::new()),
            (None, None) => Default::default(),
        };
        writeln!(page, "| {id} | {what} | {told} | {engines} |").unwrap();
    }
    page.push('\n');
    page.push_str(FUZZING);
    settle("security.md", &page);
}

/// Reasons that have become untrue are not kept: a case has tests or a reason.
#[test]
fn reasons_are_of_cases_without_tests() {
    let tests = by_id();
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
    let (tests, reasons) = (by_id(), reasons());
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
