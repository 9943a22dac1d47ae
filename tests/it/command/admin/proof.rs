//! How an operator proves itself, and what it is told when it may not.

use std::fs;

use accountd::operators::Scope;
use serde_json::{Value as Json, json};

use super::{admin, served::Served};
use crate::support::{authority::authority, installation::Installation, redis::free_port};

const UNKNOWN: &str = "01a1ffd7-4bd0-7384-a108-3ed42ef9855b";

#[tokio::test]
async fn each_command_needs_its_scope() {
    let served = Served::start().await;
    served.file(
        "people.jsonl",
        &[json!({"username": "ada", "email": "ada@example.com"}).to_string()],
    );
    let commands: [(&[&str], Scope); 14] = [
        (&["get", "--id", UNKNOWN], Scope::AccountsRead),
        (&["list"], Scope::AccountsRead),
        (&["suspend", UNKNOWN], Scope::AccountsWrite),
        (&["activate", UNKNOWN], Scope::AccountsWrite),
        (&["role", UNKNOWN, "ADMIN"], Scope::AccountsWrite),
        (&["attributes", UNKNOWN, "{}"], Scope::AccountsWrite),
        (&["require-password-change", UNKNOWN], Scope::AccountsWrite),
        (&["sessions", "revoke", UNKNOWN], Scope::SessionsRevoke),
        (&["audit"], Scope::AuditRead),
        (&["limits", "get", "--account", UNKNOWN], Scope::LimitsRead),
        (
            &["limits", "reset", "login", "--account", UNKNOWN],
            Scope::LimitsWrite,
        ),
        (&["import", "people.jsonl"], Scope::AccountsImport),
        (&["export", "out.jsonl"], Scope::AccountsExport),
        (&["export", "-"], Scope::AccountsExport),
    ];
    for scope in Scope::ALL {
        let others: Vec<&str> = Scope::ALL
            .iter()
            .filter(|other| **other != scope)
            .map(|other| other.as_str())
            .collect();
        served.add_operator(scope.as_str(), &[&["--scope"], &others[..]].concat());
    }
    for (command, scope) in commands {
        let without = [command, &["--token-file", scope.as_str()]].concat();
        let refused = served.admin(&without).refused();
        assert!(
            refused.contains("SCOPE_MISSING") && refused.contains(scope.as_str()),
            "{command:?}: {refused}"
        );
        let with = served.admin(command);
        assert!(
            !with.err.contains("SCOPE_MISSING"),
            "{command:?}: {}",
            with.err
        );
    }
    assert!(
        served.admin(&["get", "--username", "ada"]).code == Some(0),
        "the scope was all that lacked"
    );
}

#[tokio::test]
async fn an_operator_of_one_realm_is_one_there_alone() {
    let served = Served::start().await;
    served.add_operator("ann", &["--scope", "accounts.read", "--realm", "school"]);
    let ann = ["--token-file", "ann"];
    served
        .admin(&[&["list", "--realm", "school"], &ann[..]].concat())
        .worked();
    let refused = served.admin(&[&["list"], &ann[..]].concat()).refused();
    assert!(refused.contains("SCOPE_MISSING"), "{refused}");
}

#[tokio::test]
async fn who_was_removed_is_nobody_on_the_next_call() {
    let served = Served::start().await;
    served.add_operator("ann", &["--scope", "accounts.read"]);
    let list = ["list", "--token-file", "ann"];
    served.admin(&list).worked();
    served.admin(&["operator", "remove", "ann"]).worked();
    let refused = served.admin(&list).refused();
    assert!(
        refused.contains("TOKEN_INVALID") && refused.contains("operator list"),
        "{refused}"
    );
    let token = fs::read_to_string(served.accountd.path().join("ann")).unwrap();
    assert!(!refused.contains(token.trim()), "{refused}");
    let as_json = served.admin(&["list", "--token-file", "ann", "--json"]);
    let error: Json = serde_json::from_str(&as_json.err).unwrap();
    assert_eq!(
        (as_json.code, error["error"]["reason"].as_str()),
        (Some(1), Some("TOKEN_INVALID"))
    );
}

#[tokio::test]
async fn who_asks_the_listener_of_everybody_is_told_of_the_other() {
    let served = Served::start().await;
    let address = format!("http://{}", served.address);
    let refused = served.admin(&["list", "--address", &address]).refused();
    assert!(refused.contains("admin.listen"), "{refused}");
}

#[tokio::test]
async fn a_certificate_alone_is_a_proof() {
    let ours = authority();
    let port = free_port();
    let accountd = Installation::new()
        .with("ACCOUNTD_ADMIN__LISTEN", format!("127.0.0.1:{port}"))
        .with("ACCOUNTD_ADMIN__OPERATORS", "who.toml")
        .with("ACCOUNTD_ADMIN__TLS_CERTIFICATE", ours.file("server.crt"))
        .with("ACCOUNTD_ADMIN__TLS_KEY", ours.file("server.key"))
        .with("ACCOUNTD_ADMIN__CLIENT_CA", ours.file("ca.crt"));
    // The certificate of the client is for this name.
    admin(
        &accountd,
        &[
            "operator",
            "add",
            "ann",
            "--scope",
            "accounts.read",
            "--certificate",
            "gateway",
        ],
    )
    .worked();
    let served = Served::of(accountd).await;
    let (ca, certificate, key) = (
        ours.file("ca.crt"),
        ours.file("client.crt"),
        ours.file("client.key"),
    );
    let trust = ["list", "--ca", &ca, "--domain", "localhost"];
    let identity = ["--cert", &certificate, "--key", &key];
    served.admin(&[&trust[..], &identity].concat()).worked();
    let none = served.admin(&trust).refused();
    assert!(none.contains("there is no token"), "{none}");
    served.add_operator("bob", &["--scope", "accounts.read"]);
    let by_token = served
        .admin(&[&trust[..], &["--token-file", "bob"]].concat())
        .refused();
    assert!(
        by_token.contains("--cert"),
        "the server demands a certificate: {by_token}"
    );
    served.admin(&["operator", "remove", "ann"]).worked();
    let refused = served.admin(&[&trust[..], &identity].concat()).refused();
    assert!(refused.contains("TOKEN_"), "{refused}");
    served
        .admin(&[&trust[..], &identity, &["--token-file", "bob"]].concat())
        .worked();
    let stranger = served
        .admin(&[&["list", "--token-file", "bob"], &identity[..]].concat())
        .refused();
    assert!(
        stranger.contains("cannot reach https://127.0.0.1"),
        "{stranger}"
    );
}
