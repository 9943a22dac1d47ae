//! What nodes must not have written into their logs: secrets (I12), panics, and faults of their own.

use std::collections::BTreeSet;

use accountd::proto;

use super::world::World;
use crate::support::cluster::{Cluster, Node};

/// How every access token begins: `{"` in base64url.
const JWT: &str = "eyJ";
/// How every refresh token begins.
const REFRESH: &str = "rt_";
/// What all passwords of a run have in them.
pub(super) const PASSWORD: &str = "correct horse";

/// Whether tokens would be found in a log.
pub(super) fn would_show(tokens: &proto::Tokens) -> bool {
    tokens.access_token.starts_with(JWT) && tokens.refresh_token.starts_with(REFRESH)
}

/// No secret stands in a log, and no node has broken by itself.
pub(super) fn check(world: &World, cluster: &Cluster) {
    let all = world.post.all();
    let codes: BTreeSet<&str> = all
        .values()
        .flatten()
        .filter_map(|letter| letter.code.as_deref())
        .collect();
    for (number, log) in cluster.nodes().iter().map(Node::log).enumerate() {
        for line in log.lines() {
            world.history.count("* lines of logs searched");
            if let Some((invariant, what)) = fault_in(line, &codes) {
                let text = format!("{what} in the log of node {number}: {line}");
                world.history.break_off("log", invariant, &text);
                return;
            }
        }
    }
}

fn fault_in(line: &str, codes: &BTreeSet<&str>) -> Option<(&'static str, &'static str)> {
    let level = line.split_whitespace().nth(1);
    if line.contains("panicked at") {
        Some(("no call breaks", "a panic"))
    } else if level == Some("ERROR") {
        Some(("no call breaks", "a fault that nobody ordered"))
    } else if line.contains(PASSWORD) {
        Some(("I12", "a password"))
    } else if line.contains(JWT) || line.contains(REFRESH) {
        Some(("I12", "a token"))
    } else if has_code(line, codes) {
        Some(("I12", "a code"))
    } else {
        None
    }
}

/// Whether a code stands in a line as a word of its own. Names of calls and their durations have digits, too.
fn has_code(line: &str, codes: &BTreeSet<&str>) -> bool {
    let has_digits_of_its_own = |field: &&str| {
        ["call{id=", "id=", "micros="]
            .iter()
            .any(|name| field.starts_with(name))
    };
    line.split_whitespace()
        .skip(1)
        .filter(|field| !has_digits_of_its_own(field))
        .flat_map(|field| field.split(|letter: char| !letter.is_ascii_alphanumeric()))
        .any(|word| codes.contains(word))
}

#[test]
fn i12_a_secret_in_a_log_is_found() {
    let codes = BTreeSet::from(["123456"]);
    let of = |line: &str| fault_in(&format!("2026-01-01T00:00:00.123456Z {line}"), &codes);
    assert_eq!(
        of(" INFO call{id=\"Login-123456\"}: answered micros=123456"),
        None
    );
    assert_eq!(of(" INFO x: code=123456"), Some(("I12", "a code")));
    assert_eq!(of(" INFO x: code=1234567"), None);
    assert_eq!(of(" INFO x: correct horse 7"), Some(("I12", "a password")));
    assert_eq!(of("DEBUG x: Bearer eyJ0"), Some(("I12", "a token")));
    assert_eq!(of("DEBUG x: token=rt_AZ"), Some(("I12", "a token")));
    assert!(of("ERROR x: internal fault").is_some());
    assert!(of(" INFO thread 'a' panicked at b").is_some());
}
