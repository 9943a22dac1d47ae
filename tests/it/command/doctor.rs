//! What the doctor says of an installation, by the real binary and on real services.

mod keys;
mod kv;
mod mail;
mod pictures;
mod sound;
mod sql;

use std::process::Output;

use serde_json::Value;

use crate::support::installation::Installation;

/// What passwords contain here, so that none goes unseen.
const SECRET: &str = "not-to-be-told";

/// The checks, in their order.
const CHECKS: [&str; 10] = [
    "configuration",
    "sql",
    "schema",
    "kv",
    "clock",
    "mail",
    "pictures",
    "keys",
    "hashing",
    "files",
];

/// What the doctor said.
struct Told {
    code: Option<i32>,
    json: Value,
}

/// What it says of an installation, in the shape that is promised.
fn examine(accountd: &Installation) -> Told {
    let output = accountd.run(&["doctor", "--json", "--timeout", "30s"]);
    let text = without_secrets(&output);
    let json: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{output:?}"));
    assert_eq!(json["version"], env!("CARGO_PKG_VERSION"));
    let checks = json["checks"].as_array().unwrap();
    let names: Vec<&str> = checks.iter().map(|check| word(check, "check")).collect();
    assert_eq!(names, CHECKS);
    for check in checks {
        let advice = check["advice"].as_array().unwrap();
        assert!(advice.iter().all(Value::is_string));
        let is_bad = ["warning", "failure"].contains(&word(check, "status"));
        assert_eq!(is_bad, !advice.is_empty(), "{check}");
        assert!(!word(check, "found").is_empty(), "{check}");
    }
    Told {
        code: output.status.code(),
        json,
    }
}

/// Standard output, in which, as in standard error, no secret stands.
fn without_secrets(output: &Output) -> String {
    for text in [&output.stdout, &output.stderr] {
        let text = String::from_utf8_lossy(text);
        assert!(!text.contains(SECRET), "{text}");
    }
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn word<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}

impl Told {
    fn check(&self, name: &str) -> &Value {
        let place = CHECKS.iter().position(|check| *check == name).unwrap();
        &self.json["checks"][place]
    }

    /// That one check, and nothing else, failed, with these words in what was found and what is to be done.
    fn fails_alone(&self, name: &str, words: &[&str]) {
        self.says(name, "failure", words);
        assert_eq!(self.code, Some(1), "{:#}", self.json);
        assert_eq!(self.json["status"], "failure");
        let checks = self.json["checks"].as_array().unwrap();
        for other in checks.iter().filter(|check| check["check"] != name) {
            assert_ne!(other["status"], "failure", "{other}");
        }
    }

    /// That a check stands so, with these words.
    fn says(&self, name: &str, status: &str, words: &[&str]) {
        let check = self.check(name);
        assert_eq!(check["status"], status, "{check}");
        let text = check.to_string();
        for word in words {
            assert!(text.contains(word), "{word} is not told: {check}");
        }
    }
}

#[test]
fn a_fault_of_the_configuration_leaves_the_rest_unseen() {
    let accountd = Installation::new()
        .with("ACCOUNTD_GRPC__LISTEN", "nowhere")
        .with("ACCOUNTD_KV__KIND", "redis");
    let told = examine(&accountd);
    told.fails_alone("configuration", &["2 faults", "grpc.listen", "kv.urls"]);
    for name in &CHECKS[1..] {
        told.says(name, "skipped", &["the configuration has faults"]);
    }
    let lines = without_secrets(&accountd.run(&["doctor"]));
    assert!(lines.contains("failure  configuration"), "{lines}");
    assert!(lines.contains("-> grpc.listen: "), "{lines}");
    let missing = accountd.run(&["doctor", "--config", "nowhere.toml"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(without_secrets(&missing).contains("nowhere.toml"));
}

#[test]
fn what_cannot_be_understood_is_no_finding() {
    let accountd = Installation::new();
    for arguments in [
        &["doctor", "--timeout", "soon"][..],
        &["doctor", "--timeout", "0s"],
        &["doctor", "--yaml"],
    ] {
        let run = accountd.run(arguments);
        assert_eq!(run.status.code(), Some(2), "{run:?}");
    }
}

#[test]
fn hashes_that_take_more_memory_than_there_is_are_told_and_not_tried() {
    // A terabyte.
    let accountd = Installation::new()
        .with("ACCOUNTD_PASSWORDS__THREADS", "1")
        .with("ACCOUNTD_PASSWORDS__MEMORY_KIB", "1073741824")
        .with("ACCOUNTD_PASSWORDS__MAX_MEMORY_KIB", "1073741824");
    let told = examine(&accountd);
    assert_eq!(told.code, Some(0), "{:#}", told.json);
    told.says(
        "hashing",
        "warning",
        &["1048576 MiB", "passwords.memory_kib"],
    );
    let accountd = Installation::new().with("ACCOUNTD_PASSWORDS__THREADS", "65");
    examine(&accountd).fails_alone("hashing", &["1 to 64 threads", "[passwords]"]);
}
