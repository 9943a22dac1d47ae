//! The file of operators, by the commands.

mod written;

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use accountd::{
    backend::Timestamp,
    operators::{Operators, Presented, Scope},
};
use serde_json::json;

use super::{Told, admin};
use crate::support::installation::Installation;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn operator(accountd: &Installation, arguments: &[&str]) -> Told {
    admin(accountd, &[&["operator"], arguments].concat())
}

fn add(accountd: &Installation, arguments: &[&str]) -> Told {
    operator(accountd, &[&["add"], arguments].concat())
}

fn file(accountd: &Installation) -> PathBuf {
    accountd.path().join("data/operators.toml")
}

fn text(accountd: &Installation) -> String {
    fs::read_to_string(file(accountd)).unwrap()
}

fn mode(path: PathBuf) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// What the server makes of a token.
async fn recognised(accountd: &Installation, token: &str) -> Result<String, String> {
    let operators = Operators::of(file(accountd));
    let found = operators.recognise(Presented::Token(token), NOW).await;
    found
        .map(|operator| operator.name)
        .map_err(|error| error.reason().to_owned())
}

#[tokio::test]
async fn an_operator_is_added_recognised_and_removed() {
    let accountd = Installation::new();
    let told = add(
        &accountd,
        &[
            "ann",
            "--scope",
            "accounts.read",
            "audit.read",
            "--realm",
            "customer",
        ],
    );
    assert!(
        told.err.contains("data/operators.toml") && told.err.contains("--token-file"),
        "{}",
        told.err
    );
    let token = told.worked();
    let token = token.strip_suffix('\n').unwrap();
    assert!(
        token.starts_with("accountd_op_") && token.len() == 55,
        "the token alone: {token}"
    );
    assert_eq!(mode(file(&accountd)), 0o600);
    assert_eq!(mode(accountd.path().join("data")), 0o700);
    assert!(!text(&accountd).contains(token), "the file has no token");
    assert_eq!(recognised(&accountd, token).await, Ok("ann".to_owned()));
    let operators = Operators::of(file(&accountd));
    let ann = operators
        .recognise(Presented::Token(token), NOW)
        .await
        .unwrap();
    assert!(ann.require(Scope::AccountsRead, "customer").is_ok());
    assert!(ann.require(Scope::AccountsRead, "school").is_err());
    assert!(ann.require(Scope::AccountsWrite, "customer").is_err());
    operator(&accountd, &["remove", "ann"]).worked();
    assert_eq!(
        recognised(&accountd, token).await,
        Err("TOKEN_INVALID".to_owned())
    );
    let again = operator(&accountd, &["remove", "ann"]).refused();
    assert!(again.contains("no operator \"ann\""), "{again}");
}

#[test]
fn operators_are_listed_without_what_recognises_them() {
    let accountd = Installation::new();
    add(
        &accountd,
        &[
            "ann",
            "--scope",
            "limits.write",
            "--scope",
            "accounts.read",
            "--expires",
            "2099-01-02T03:04:05+01:00",
        ],
    )
    .worked();
    let certificate = [
        "bob",
        "--scope",
        "audit.read",
        "--certificate",
        "bob.example.com",
        "--realm",
        "school",
        "default",
    ];
    add(&accountd, &certificate).worked();
    let listed = operator(&accountd, &["list", "--json"]);
    assert_eq!(
        listed.lines(),
        [
            json!({"name": "ann", "scopes": ["accounts.read", "limits.write"], "realms": null,
                "expires": "2099-01-02T02:04:05Z", "is_expired": false, "certificate": null}),
            json!({"name": "bob", "scopes": ["audit.read"], "realms": ["default", "school"],
                "expires": null, "is_expired": false, "certificate": "bob.example.com"}),
        ]
    );
    let table = operator(&accountd, &["list"]).worked();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("NAME  SCOPES"), "{table}");
    assert!(lines[1].contains("2099-01-02T02:04:05Z  token"), "{table}");
    let saved = text(&accountd);
    let (_, digest) = saved.split_once("token_sha256 = \"").unwrap();
    let digest = &digest[..64];
    assert!(!table.contains(digest) && !listed.out.contains(digest));
}

#[test]
fn a_token_may_go_to_a_file_of_its_own() {
    let accountd = Installation::new();
    let path = accountd.path().join("ann.token");
    let arguments = ["ann", "--scope", "audit.read", "--token-file", "ann.token"];
    let told = add(&accountd, &arguments).worked();
    assert_eq!(mode(path.clone()), 0o600);
    let token = fs::read_to_string(&path).unwrap();
    assert!(token.starts_with("accountd_op_") && token.ends_with('\n'));
    assert!(!told.contains("accountd_op_"), "{told}");
    let other = ["bob", "--scope", "audit.read", "--token-file", "ann.token"];
    let refused = add(&accountd, &other).refused();
    assert!(refused.contains("ann.token"), "{refused}");
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        token,
        "the file of another is left alone"
    );
    assert!(
        !text(&accountd).contains("bob"),
        "nobody is there without a token"
    );
    let twice = [
        "ann",
        "--scope",
        "audit.read",
        "--token-file",
        "again.token",
    ];
    add(&accountd, &twice).refused();
    assert!(
        !accountd.path().join("again.token").exists(),
        "a token of nobody"
    );
    let as_json = [
        "carol",
        "--scope",
        "audit.read",
        "--token-file",
        "carol.token",
        "--json",
    ];
    let document = add(&accountd, &as_json).document();
    assert_eq!(
        document,
        json!({"name": "carol", "operators": "data/operators.toml", "token_file": "carol.token"})
    );
    let document = add(&accountd, &["dan", "--scope", "audit.read", "--json"]).document();
    assert!(
        document["token"]
            .as_str()
            .unwrap()
            .starts_with("accountd_op_")
    );
}

#[test]
fn what_would_be_no_operator_is_refused() {
    let accountd = Installation::new();
    add(
        &accountd,
        &[
            "ann",
            "--scope",
            "audit.read",
            "--certificate",
            "ann.example.com",
        ],
    )
    .worked();
    let before = text(&accountd);
    let cases: [(&[&str], &str); 4] = [
        (&["ann", "--scope", "audit.read"], "has ann already"),
        (
            &[
                "bob",
                "--scope",
                "audit.read",
                "--certificate",
                "ann.example.com",
            ],
            "has ann already",
        ),
        (
            &["bob", "--scope", "audit.read", "--realm", "nowhere"],
            "no realm of the configuration",
        ),
        (
            &[
                "bob",
                "--scope",
                "audit.read",
                "--expires",
                "2020-01-01T00:00:00Z",
            ],
            "has passed already",
        ),
    ];
    for (arguments, expected) in cases {
        let told = add(&accountd, arguments);
        assert_eq!(told.out, "");
        let refused = told.refused();
        assert!(refused.contains(expected), "{arguments:?}: {refused}");
    }
    assert_eq!(text(&accountd), before);
}

#[test]
fn of_changes_at_once_none_is_lost() {
    let accountd = Installation::new();
    let names: Vec<String> = (0..8).map(|number| format!("operator-{number}")).collect();
    std::thread::scope(|scope| {
        for name in &names {
            let accountd = &accountd;
            scope.spawn(move || add(accountd, &[name, "--scope", "audit.read"]).worked());
        }
    });
    let listed = operator(&accountd, &["list", "--json"]).lines();
    assert_eq!(listed.len(), names.len());
    let left: Vec<_> = fs::read_dir(accountd.path().join("data"))
        .unwrap()
        .collect();
    assert_eq!(left.len(), 1, "nothing unfinished is left: {left:?}");
}

#[test]
fn where_the_file_is_says_the_configuration() {
    let accountd = Installation::new().with("ACCOUNTD_ADMIN__OPERATORS", "elsewhere/who.toml");
    add(&accountd, &["ann", "--scope", "audit.read"]).worked();
    assert!(accountd.path().join("elsewhere/who.toml").exists());
    let none = Installation::new();
    let refused = operator(&none, &["list"]).refused();
    assert!(refused.contains("data/operators.toml"), "{refused}");
}
