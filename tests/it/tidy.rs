//! The house rules that no compiler knows: who may import whom, how long a file may be, and that names of files are
//! names of files.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// What a module may import of ours, itself not named. All others may import what they like.
const MAY_IMPORT: [(&str, &[&str]); 9] = [
    ("gateway", &["metrics", "proto"]),
    ("store", &["faults", "traces"]),
    ("backend", &["faults", "metrics", "traces"]),
    ("config", &[]),
    ("keys", &["backend"]),
    (
        "mails",
        &["backend", "config", "faults", "metrics", "store", "traces"],
    ),
    ("metrics", &[]),
    ("pictures", &["backend"]),
    ("traces", &["metrics"]),
];

/// What a module never names: modules of ours above it, and crates that belong to another layer.
const NEVER: [(&str, &[&str]); 7] = [
    (
        "codes",
        &[
            "accounts", "sessions", "proto", "tonic", "grpc", "gateway", "command",
        ],
    ),
    (
        "accounts",
        &["sessions", "proto", "tonic", "grpc", "gateway", "command"],
    ),
    (
        "sessions",
        &["proto", "tonic", "grpc", "gateway", "command"],
    ),
    (
        "replay",
        &[
            "accounts", "sessions", "codes", "proto", "tonic", "grpc", "gateway", "command",
        ],
    ),
    ("grpc", &["sea_orm", "gateway", "command"]),
    ("store", &["tonic", "redis"]),
    ("backend", &["tonic", "sea_orm"]),
];

/// Lines of one file, at the most.
const LINES: usize = 400;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files under a directory with that extension, each with its text.
fn files(directory: &Path, extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|other| other == extension) {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

/// Our sources without comments, each with the module at the top of the crate that it belongs to.
fn sources() -> Vec<(PathBuf, String, String)> {
    let source = root().join("src");
    let sources = files(&source, "rs").into_iter().map(|(path, text)| {
        let first = path.strip_prefix(&source).unwrap().iter().next().unwrap();
        let module = first.to_str().unwrap().trim_end_matches(".rs").to_owned();
        let code = |line: &&str| !line.trim_start().starts_with("//");
        let text = text.lines().filter(code).collect::<Vec<_>>().join("\n");
        (path, module, text)
    });
    sources.collect()
}

/// The modules of ours that a text imports: each name behind `crate::`, and those at the top of a group.
fn imported(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for behind in text.split("crate::").skip(1) {
        let Some(group) = behind.strip_prefix('{') else {
            found.insert(word(behind));
            continue;
        };
        let (mut depth, mut begins) = (0_u32, true);
        for (place, letter) in group.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                letter if begins && !letter.is_whitespace() => {
                    found.insert(word(&group[place..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    found
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect()
}

/// Whether a text names a crate or module as the beginning of a path.
fn names(text: &str, name: &str) -> bool {
    let path = format!("{name}::");
    text.match_indices(&path).any(|(place, _)| {
        let before = text[..place].chars().next_back();
        before.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_' && letter != ':')
    })
}

#[test]
fn imports_point_down() {
    let mut breaches = Vec::new();
    for (path, module, text) in sources() {
        let imported = imported(&text);
        if let Some((_, may)) = MAY_IMPORT.iter().find(|(name, _)| *name == module) {
            let strangers = imported
                .iter()
                .filter(|name| **name != module && !may.contains(&name.as_str()));
            breaches.extend(strangers.map(|name| format!("{} imports {name}", path.display())));
        }
        if let Some((_, never)) = NEVER.iter().find(|(name, _)| *name == module) {
            let named = never
                .iter()
                .filter(|name| imported.contains(**name) || names(&text, name));
            breaches.extend(named.map(|name| format!("{} names {name}", path.display())));
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn the_reader_of_imports_can_read() {
    let text = "use crate::{\n    a::{b, c},\n    d,\n    e::f,\n};\nuse crate::g::h;\nlet x = crate::i::j();";
    let expected = ["a", "d", "e", "g", "i"].map(str::to_owned);
    assert_eq!(imported(text), BTreeSet::from(expected));
    assert!(names("use tonic::Status;", "tonic"));
    assert!(!names(
        "use my_tonic::Status; use my::tonic::Status;",
        "tonic"
    ));
}

#[test]
fn files_are_short() {
    let long: Vec<String> = ["src", "tests"]
        .into_iter()
        .flat_map(|directory| files(&root().join(directory), "rs"))
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn nothing_panics_without_a_reason() {
    for (path, _, text) in sources() {
        // Unit tests stand last in their file, or have one of their own.
        if path.ends_with("tests.rs") {
            continue;
        }
        let text = text.split("#[cfg(test)]").next().unwrap();
        let calls = text.matches(".unwrap()").count() + text.matches(".expect(").count();
        let reasons = text.matches("clippy::unwrap_used").count()
            + text.matches("clippy::expect_used").count();
        assert!(
            calls <= reasons,
            "{}: {calls} calls, {reasons} reasons",
            path.display()
        );
    }
}

#[test]
fn what_is_named_exists() {
    let mut pages = files(&root().join("docs"), "md");
    for name in ["README.md", "CHANGELOG.md", "src/lib.rs"] {
        let path = root().join(name);
        // Not all of them need be there.
        if let Ok(text) = fs::read_to_string(&path) {
            pages.push((path, text));
        }
    }
    let mut missing = Vec::new();
    for (page, text) in pages {
        for name in text.split('`').skip(1).step_by(2) {
            let is_ours = [
                "src/",
                "tests/",
                "docs/",
                "proto/",
                "deploy/",
                "migrations/",
                "benches/",
                "scripts/",
            ]
            .iter()
            .any(|directory| name.starts_with(directory));
            let is_plain = !name.contains(['*', ' ', '{', '<']);
            if is_ours && is_plain && !root().join(name).exists() {
                missing.push(format!("{} names {name}", page.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
