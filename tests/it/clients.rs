//! Clients in other languages, made from the contract, against the binary.

mod grpcurl;
mod nginx;

use std::process::Command;

use crate::support::binary::{Binary, root, tool};

#[test]
fn a_python_client_lives_a_whole_account_life() {
    let mut python = Command::new(tool("python/bin/python"));
    python.arg(root().join("tests/clients/python/account_life.py"));
    live(&mut python);
}

#[test]
fn a_node_client_lives_a_whole_account_life() {
    let mut node = Command::new("node");
    node.env("NODE_PATH", tool("node/node_modules"))
        .arg(root().join("tests/clients/node/account_life.js"));
    live(&mut node);
}

/// Runs the client, which asserts the answers itself.
fn live(client: &mut Command) {
    let accountd = Binary::start();
    let output = client
        .args(["--address", accountd.address()])
        .arg("--proto")
        .arg(root().join("proto"))
        .arg("--mail")
        .arg(accountd.directory().join("data/mail"))
        // A proxy of the machine's is no way to loopback.
        .env("no_grpc_proxy", "127.0.0.1")
        .output()
        .unwrap_or_else(|error| {
            panic!("cannot run {client:?} ({error}): run `scripts/prepare`, which installs it")
        });
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
