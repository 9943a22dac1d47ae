//! The page at `/docs` in a real browser: an operation is tried there, and nothing comes from anywhere else.

use std::process::Command;

use crate::support::{
    binary::{root, tool},
    rest::masked,
    served::Served,
};

/// Debian's browser.
const BROWSER: &str = "/usr/bin/chromium";

#[tokio::test]
async fn the_page_of_profile_tries_the_example_of_its_document() {
    let served = Served::start(&[]).await;
    let shown = shown(&served, "profile", "POST /api/v1/users", None).await;
    assert_eq!(
        shown,
        r#"200 {"data":{"id":"ID","username":"nekochan","full_name":"Shina Mahiru","email":"shinapyon@example.com","birth_date":"2002-08-08","role":"USER","is_active":false,"created_at":TIME,"updated_at":TIME}}"#
    );
    // It has really been done.
    served.code_for("shinapyon@example.com", 1).await;
}

#[tokio::test]
async fn the_page_of_profile_shows_a_refusal_as_it_is_told_to_everybody() {
    let served = Served::start(&[]).await;
    let line = "POST /api/v1/users/login";
    let body = r#"{"email": "nobody@example.com", "password": "shinachan"}"#;
    let shown = shown(&served, "profile", line, Some(body)).await;
    let told = served.rest("profile").send(line, body).await;
    assert_eq!(told.status, 401);
    assert_eq!(shown, told.told());
}

/// Status and body that the page shows when the operation is sent, with that body or with the document's example.
async fn shown(served: &Served, dialect: &str, line: &str, body: Option<&str>) -> String {
    let (method, path) = line.split_once(' ').unwrap();
    let mut driver = Command::new("node");
    driver
        .arg(root().join("tests/browser/docs_page.js"))
        .args([
            "--page",
            &format!("http://{}/docs/", served.dialect(dialect)),
        ])
        .args(["--browser", BROWSER])
        .args(["--method", &method.to_lowercase(), "--path", path])
        .args(body.into_iter().flat_map(|body| ["--body", body]))
        .env("NODE_PATH", tool("browser/node_modules"));
    let output = tokio::task::spawn_blocking(move || driver.output());
    let output = output.await.unwrap().unwrap_or_else(|error| {
        panic!("cannot run node ({error}): run `scripts/prepare`, which installs it")
    });
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    masked(String::from_utf8(output.stdout).unwrap().trim_end())
}
