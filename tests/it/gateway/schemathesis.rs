//! Schemathesis, which makes requests out of a document and holds every answer against it.

mod people;

use std::{path::Path, process::Command};

use tokio::{io::AsyncWriteExt as _, net::TcpListener};

use self::people::People;
use crate::support::{
    binary::{root, tool},
    served::Served,
};

/// Examples for each operation and phase: what ends in half a minute without optimisation.
const EXAMPLES: &str = "30";
/// Seconds for each answer, on a machine with other things to do.
const PATIENCE: &str = "60";

/// What `hooks.py` prints when a token has opened something.
const TAKEN: &str = "a token was taken";

/// One client sends more than any limit leaves to it.
const UNLIMITED: [(&str, &str); 5] = [
    ("ACCOUNTD_LIMITS__ADDRESS_BURST", "0"),
    ("ACCOUNTD_LIMITS__LOGIN_BURST", "0"),
    ("ACCOUNTD_LIMITS__ACCOUNT_BURST", "0"),
    ("ACCOUNTD_LIMITS__PICTURE_BURST", "0"),
    ("ACCOUNTD_LIMITS__REALM_BURST", "0"),
];

#[tokio::test]
async fn school_answers_what_its_document_says() {
    conforms("school").await;
}

#[tokio::test]
async fn customer_answers_what_its_document_says() {
    conforms("customer").await;
}

#[tokio::test]
async fn contact_answers_what_its_document_says() {
    conforms("contact").await;
}

#[tokio::test]
async fn profile_answers_what_its_document_says() {
    conforms("profile").await;
}

#[tokio::test]
async fn two_step_answers_what_its_document_says() {
    conforms("two_step").await;
}

/// Runs it against a dialect, which is bound to the realm of its name.
async fn conforms(dialect: &str) {
    let daily = format!("ACCOUNTD_REALMS__{}__CODE_DAILY", dialect.to_uppercase());
    let mut variables = UNLIMITED.to_vec();
    variables.push((&daily, "1000000"));
    let served = Served::start(&variables).await;
    let tokens = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = tempfile::tempdir().unwrap();
    let mut run = run(
        &format!("http://{}/openapi.json", served.dialect(dialect)),
        &tokens.local_addr().unwrap().to_string(),
        place.path(),
    );
    let mut people = People::of(&served, dialect);
    let hand_out = async {
        loop {
            let (mut connection, _) = tokens.accept().await.unwrap();
            let token = people.token().await;
            connection.write_all(token.as_bytes()).await.unwrap();
        }
    };
    let running = tokio::task::spawn_blocking(move || run.output());
    let output = tokio::select! {
        output = running => output.unwrap().unwrap(),
        () = hand_out => unreachable!(),
    };
    let told = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}{errors}");
    assert!(told.contains(TAKEN), "no token was taken: {told}");
}

fn run(document: &str, tokens: &str, place: &Path) -> Command {
    let mut run = Command::new(tool("schemathesis/bin/schemathesis"));
    run.arg("--config-file")
        .arg(root().join("tests/schemathesis/schemathesis.toml"))
        .args(["run", document, "--no-color", "--generation-deterministic"])
        .args(["--max-examples", EXAMPLES])
        .args(["--request-timeout", PATIENCE])
        // Two at a time would take each other's tokens.
        .args(["--workers", "1"])
        .current_dir(place)
        .env("TEST_TOKENS", tokens)
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", root().join("tests/schemathesis"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // A proxy of the machine's is no way to loopback.
        .env("NO_PROXY", "127.0.0.1");
    run
}
