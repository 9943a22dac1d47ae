//! Pages that are made from what they tell of. `UPDATE_DOCS=1` writes them anew; without it, a stale page is a failure.

mod errors;
mod guarantees;
mod links;
mod metrics;
mod security;
mod tests;

use std::{fs, path::Path};

/// Compares a page of `docs/` with what it must say, or writes it.
#[expect(
    clippy::disallowed_methods,
    reason = "only the environment can ask for it"
)]
fn settle(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name);
    if std::env::var("UPDATE_DOCS").is_ok() {
        fs::write(&path, expected).unwrap();
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    let same = found
        .lines()
        .zip(expected.lines())
        .take_while(|(one, other)| one == other);
    let line = same.count() + 1;
    assert!(
        found == expected,
        "docs/{name} is stale from line {line} on: run the tests `docs` with UPDATE_DOCS=1"
    );
}
