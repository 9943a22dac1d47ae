//! The `OpenAPI` document of each dialect, and the page to try it.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::support::{
    rest::Answer,
    service::{Engines, Ground, start},
};

const DIALECTS: [&str; 5] = ["school", "customer", "contact", "profile", "two_step"];
const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// What the sources of a dialect declare: a method and a path for each handler.
fn declared(dialect: &str) -> BTreeSet<(String, String)> {
    let gateway = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/gateway");
    let mut sources = vec![gateway.join(format!("{dialect}.rs"))];
    let folder = fs::read_dir(gateway.join(dialect)).into_iter().flatten();
    sources.extend(folder.map(|entry| entry.unwrap().path()));
    let mut found = BTreeSet::new();
    for source in sources {
        let text = fs::read_to_string(source).unwrap();
        for behind in text.split("#[utoipa::path(").skip(1) {
            let method = behind.trim_start().split(',').next().unwrap();
            let (_, path) = behind.split_once("path = \"").unwrap();
            let (path, _) = path.split_once('"').unwrap();
            found.insert((method.to_owned(), path.to_owned()));
        }
    }
    found
}

/// The operations of a document, each with its method and path.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &'_ Value)| {
        let path = path.clone();
        METHODS.map(|method| (method.to_owned(), path.clone(), item.get(method).cloned()))
    };
    let named = paths.iter().flat_map(of_path);
    let named = named.filter(|(_, _, operation)| operation.is_some());
    named
        .map(|(method, path, _)| {
            let operation = &document["paths"][&path][&method];
            (method, path, operation)
        })
        .collect()
}

/// The path with something in place of each parameter.
fn filled(path: &str) -> String {
    let parts = path.split('/');
    let parts: Vec<&str> = parts
        .map(|part| if part.starts_with('{') { "x" } else { part })
        .collect();
    parts.join("/")
}

fn told(answer: &Answer) -> (u16, &[u8]) {
    (answer.status.as_u16(), &answer.bytes)
}

#[tokio::test]
async fn each_document_is_openapi_3_1_and_has_every_route() {
    let node = start(Engines::Embedded).await;
    for dialect in DIALECTS {
        let rest = node.rest(dialect);
        let answer = rest.ask("GET /openapi.json").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "application/json");
        let document = answer.json();
        assert_eq!(document["openapi"], "3.1.0", "{dialect}");
        let operations = operations(&document);
        let named = operations.iter();
        let named: BTreeSet<_> = named
            .map(|(method, path, _)| (method.clone(), path.clone()))
            .collect();
        assert_eq!(named, declared(dialect), "{dialect}");
        let stranger = rest.ask("GET /nowhere").await;
        for (method, path) in named {
            let line = format!("{} {}", method.to_uppercase(), filled(&path));
            let answer = rest.ask(&line).await;
            assert_ne!(answer.status, 405, "{dialect}: {line}");
            assert_ne!(told(&answer), told(&stranger), "{dialect}: {line}");
        }
    }
}

#[tokio::test]
async fn each_operation_declares_what_all_may_answer() {
    let node = start(Engines::Embedded).await;
    for dialect in DIALECTS {
        let document = node.rest(dialect).ask("GET /openapi.json").await.json();
        let mut ids = BTreeSet::new();
        for (method, path, operation) in operations(&document) {
            let place = format!("{dialect}: {method} {path}");
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{place}: {id} is used twice");
            let responses = operation["responses"].as_object().unwrap();
            let mut expected = vec!["405", "408", "429", "500", "503", "504"];
            if method != "get" {
                expected.push("400");
            }
            if operation.get("requestBody").is_some() {
                expected.extend(["413", "415"]);
            }
            for status in expected {
                let mut response = responses
                    .get(status)
                    .unwrap_or_else(|| panic!("{place}: no {status}"));
                if let Some(reference) = response.get("$ref") {
                    let pointer = reference.as_str().unwrap().trim_start_matches('#');
                    response = document.pointer(pointer).unwrap();
                }
                let schema = &response["content"]["application/json"]["schema"]["$ref"];
                if let Some(schema) = schema.as_str() {
                    let pointer = schema.trim_start_matches('#');
                    assert!(document.pointer(pointer).is_some(), "{place}: {schema}");
                }
                let has_wait = response["headers"].get("Retry-After").is_some();
                assert!(
                    status != "429" || has_wait,
                    "{place}: no wait with {status}"
                );
            }
        }
    }
}

/// What a page loads.
fn links(page: &str) -> Vec<&str> {
    let named = |attribute: &'static str| {
        let behind = page.split(attribute).skip(1);
        behind.map(|behind| behind.split('"').next().unwrap())
    };
    named("src=\"").chain(named("href=\"")).collect()
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let node = start(Engines::Embedded).await;
    for dialect in DIALECTS {
        let rest = node.rest(dialect);
        let page = rest.ask("GET /docs/").await;
        assert_eq!(page.status, 200);
        let scripts = page.text().matches("<script").count();
        assert_eq!(
            page.text().matches("<script src=").count(),
            scripts,
            "none inline"
        );
        let links = links(page.text());
        assert!(links.len() > scripts, "{}", page.text());
        for link in links.iter().copied().chain(["./swagger-initializer.js"]) {
            assert!(!link.contains("//"), "{link} is elsewhere");
            let file = link.trim_start_matches("./");
            let answer = rest.ask(&format!("GET /docs/{file}")).await;
            assert_eq!(answer.status, 200, "{file}");
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'self';"), "{policy}");
            assert!(!policy.contains("http"), "{policy}");
        }
        let script = rest.ask("GET /docs/swagger-initializer.js").await;
        assert!(
            script.text().contains("\"../openapi.json\""),
            "{}",
            script.text()
        );
        assert!(!script.text().contains("http"), "{}", script.text());
    }
}

#[tokio::test]
async fn a_document_that_is_turned_off_is_not_served() {
    let ground = Ground::with(Engines::Embedded, |settings| settings.gateway.docs = false);
    let node = ground.await.node().await;
    let rest = node.rest("two_step");
    for path in ["/openapi.json", "/docs", "/docs/"] {
        let answer = rest.ask(&format!("GET {path}")).await;
        assert_eq!(answer.told(), r#"404 {"errors":"no such path"}"#);
    }
}
