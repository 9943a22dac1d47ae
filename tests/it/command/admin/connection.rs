//! How a command finds its server, and what it says when there is none.

use std::{fs, net::TcpListener};

use serde_json::Value as Json;

use super::{Told, admin};
use crate::support::{authority, installation::Installation, redis::free_port};

/// One with a token's file of that mode in its data directory.
fn with_token(mode: u32) -> Installation {
    let accountd = Installation::new();
    fs::create_dir(accountd.path().join("data")).unwrap();
    authority::write(
        &accountd.path().join("data/admin.token"),
        "accountd_op_s3cret\n",
        mode,
    );
    accountd
}

fn list(accountd: &Installation, arguments: &[&str]) -> Told {
    admin(accountd, &[&["list"], arguments].concat())
}

#[test]
fn without_a_listener_in_the_configuration_an_address_is_wanted() {
    let refused = list(&with_token(0o600), &[]).refused();
    assert!(refused.contains("admin.listen is not set"), "{refused}");
    let unfixed = with_token(0o600).with("ACCOUNTD_ADMIN__LISTEN", "127.0.0.1:0");
    let refused = list(&unfixed, &[]).refused();
    assert!(
        refused.contains("admin.listen has no fixed port"),
        "{refused}"
    );
}

#[test]
fn where_nobody_listens_it_says_where_it_asked() {
    let port = free_port();
    let configured = with_token(0o600).with("ACCOUNTD_ADMIN__LISTEN", format!("127.0.0.1:{port}"));
    let refused = list(&configured, &[]).refused();
    let address = format!("cannot reach http://127.0.0.1:{port}: ");
    assert!(refused.contains(&address), "{refused}");
    assert!(
        refused.contains("refused") && refused.contains("admin.listen"),
        "{refused}"
    );
    let other = free_port();
    let address = format!("http://[::1]:{other}");
    let refused = list(&configured, &["--address", &address]).refused();
    assert!(
        refused.contains(&address),
        "the address given wins: {refused}"
    );
}

#[test]
fn as_json_a_refusal_is_a_document() {
    let address = format!("http://127.0.0.1:{}", free_port());
    let told = list(&with_token(0o600), &["--json", "--address", &address]);
    assert_eq!((told.code, told.out.as_str()), (Some(1), ""));
    let error: Json = serde_json::from_str(&told.err).unwrap();
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.contains(&address), "{message}");
    assert_eq!(error["error"]["reason"], "");
}

#[test]
fn a_server_that_stays_silent_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let refused = list(
        &with_token(0o600),
        &["--address", &address, "--timeout", "300ms"],
    )
    .refused();
    assert!(refused.contains("within 300ms"), "{refused}");
}

#[test]
fn a_token_that_others_may_read_is_not_used() {
    let address = format!("http://127.0.0.1:{}", free_port());
    let refused = list(&with_token(0o640), &["--address", &address]).refused();
    assert!(refused.contains("chmod 600 data/admin.token"), "{refused}");
    let refused = list(&Installation::new(), &["--address", &address]).refused();
    assert!(
        refused.contains("there is no token in data/admin.token"),
        "{refused}"
    );
    let missing = list(
        &with_token(0o600),
        &["--address", &address, "--token-file", "none"],
    )
    .refused();
    assert!(missing.contains("none cannot be read"), "{missing}");
}

#[test]
fn what_stands_in_the_file_of_a_token_is_never_told() {
    let accountd = with_token(0o600);
    let file = accountd.path().join("data/admin.token");
    fs::write(&file, "accountd_op_s3cret\nand more s3cret").unwrap();
    let address = format!("http://127.0.0.1:{}", free_port());
    let refused = list(&accountd, &["--address", &address]).refused();
    assert!(refused.contains("holds more than a token"), "{refused}");
    assert!(!refused.contains("s3cret"), "{refused}");
}

#[test]
fn a_token_does_not_go_through_the_network_without_tls() {
    let accountd = with_token(0o600);
    for address in ["http://192.0.2.1:50061", "http://accounts.example.com"] {
        let refused = list(&accountd, &["--address", address]).refused();
        assert!(refused.contains("use https://"), "{refused}");
    }
    for address in ["127.0.0.1:50061", "no url", "ftp://127.0.0.1"] {
        let refused = list(&accountd, &["--address", address]).refused();
        assert!(refused.contains("is no URL"), "{refused}");
    }
    let refused = list(
        &accountd,
        &["--address", "http://127.0.0.1:1", "--ca", "ca.crt"],
    )
    .refused();
    assert!(refused.contains("https://"), "{refused}");
}
