//! Arguments that are refused before anything is asked, with exit code 2.

use super::admin;
use crate::support::installation::Installation;

const ID: &str = "01a1ffd7-4bd0-7384-a108-3ed42ef9855b";

#[test]
fn arguments_that_make_no_sense_are_refused() {
    let accountd = Installation::new();
    let cases: [&[&str]; 21] = [
        &[],
        &["get"],
        &["get", "--id", ID, "--email", "a@example.com"],
        &["list", "--limit", "many"],
        &["suspend"],
        &["role", ID],
        &["attributes", ID, "[]"],
        &["attributes", ID, "{\"a\":"],
        &["attributes", ID, "{\"a\":9007199254740993}"],
        &["audit", "--since", "yesterday"],
        &["limits", "get"],
        &["limits", "reset", "--account", ID],
        &["limits", "reset", "login"],
        &["import"],
        &["export", "-", "--timeout", "0s"],
        &["get", "--id", ID, "--cert", "client.crt"],
        &["operator", "add", "ann"],
        &["operator", "add", "ann", "--scope", "accounts.delete"],
        &["operator", "add", "an\"n", "--scope", "accounts.read"],
        &[
            "operator",
            "add",
            "ann",
            "--scope",
            "audit.read",
            "--expires",
            "2027-01-01",
        ],
        &[
            "operator",
            "add",
            "ann",
            "--scope",
            "audit.read",
            "--certificate",
            "127.0.0.1",
        ],
    ];
    for arguments in cases {
        let told = admin(&accountd, arguments);
        assert_eq!(
            told.code,
            Some(2),
            "{arguments:?}: {}{}",
            told.out,
            told.err
        );
    }
    assert!(!accountd.path().join("data").exists());
}

#[test]
fn the_words_of_scopes_are_told() {
    let told = admin(
        &Installation::new(),
        &["operator", "add", "ann", "--scope", "accounts.delete"],
    );
    for scope in accountd::operators::Scope::ALL {
        assert!(told.err.contains(scope.as_str()), "{}", told.err);
    }
}

#[test]
fn no_argument_takes_a_token() {
    let accountd = Installation::new();
    let told = admin(&accountd, &["get", "--id", ID, "--token", "accountd_op_x"]);
    assert_eq!(told.code, Some(2), "{}", told.err);
}
