//! Accounts on their way in and out.

use std::{
    fs::{self, File},
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Command,
};

use serde_json::{Value as Json, json};

use super::served::Served;
use crate::support::{client::PASSWORD, installation::Installation, redis::free_port};

/// More lines than may be on their way at once.
const MANY: usize = 1_500;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn person(name: &str) -> Json {
    json!({"username": name, "email": format!("{name}@example.com")})
}

#[tokio::test]
async fn a_line_that_is_refused_stops_no_other() {
    let served = Served::start().await;
    served.import(&[person("ada")]);
    let lines = [
        person("grace").to_string(),
        json!({"username": "ada", "email": "other@example.com"}).to_string(),
        "{\"username\": \"alan\", \"email\":".to_owned(),
        String::new(),
        json!({"username": "alan", "email": "alan@example.com", "shoe_size": 43}).to_string(),
        json!({"username": "joan", "email": "nowhere", "password": "s3cret-s3cret", "password_hash": "s3cret"}).to_string(),
        person("joan").to_string(),
    ];
    let path = served.file("mixed.jsonl", &lines);
    let before = fs::read(&path).unwrap();
    let told = served.admin(&["import", "mixed.jsonl", "--errors", "refused.jsonl"]);
    assert_eq!(told.code, Some(1), "{}", told.err);
    assert_eq!(
        told.out,
        "imported 2, refused 4: INVALID_FIELD 2, MALFORMED_REQUEST 1, USERNAME_TAKEN 1\n"
    );
    let reasons: Vec<&str> = told.err.lines().collect();
    for (line, (number, part)) in reasons.iter().zip([
        (2, "USERNAME_TAKEN"),
        (3, "MALFORMED_REQUEST"),
        (5, "shoe_size"),
        (6, "email"),
    ]) {
        assert!(
            line.starts_with(&format!("line {number}: ")) && line.contains(part),
            "{line}"
        );
    }
    assert_eq!(reasons.len(), 4, "{}", told.err);
    assert!(!told.err.contains("s3cret"), "{}", told.err);
    let refused = served.accountd.path().join("refused.jsonl");
    assert_eq!(mode(&refused), 0o600);
    let kept = [1, 2, 4, 5].map(|place| lines[place].as_str()).join("\n") + "\n";
    assert_eq!(fs::read_to_string(&refused).unwrap(), kept);
    assert_eq!(served.get("joan")["password_scheme"], "");
    // The same again: what is there is taken.
    let again = served.admin(&["import", "mixed.jsonl", "--json"]);
    assert_eq!(again.code, Some(1));
    let results = again.lines();
    let told: Vec<(i64, &str)> = results
        .iter()
        .map(|one| {
            (
                one["line"].as_i64().unwrap(),
                one["error"]["reason"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (1, "USERNAME_TAKEN"),
            (2, "USERNAME_TAKEN"),
            (3, "MALFORMED_REQUEST"),
            (5, "INVALID_FIELD"),
            (6, "INVALID_FIELD"),
            (7, "USERNAME_TAKEN")
        ]
    );
    assert_eq!(results[3]["error"]["violations"][0]["field"], "shoe_size");
    assert!(again.err.contains("imported 0, refused 6"), "{}", again.err);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn what_is_only_checked_is_not_kept() {
    let served = Served::start().await;
    served.file(
        "people.jsonl",
        &[person("ada").to_string(), person("grace").to_string()],
    );
    let checked = served
        .admin(&["import", "people.jsonl", "--validate-only"])
        .worked();
    assert_eq!(checked, "would import 2, refused 0\n");
    assert!(served.admin(&["list", "--json"]).lines().is_empty());
    let taken = served.admin(&["import", "people.jsonl", "--json"]);
    let results = taken.lines();
    assert_eq!(results[1]["line"], 2);
    assert_eq!(results[1]["error"], Json::Null);
    assert_eq!(results[1]["account_id"], served.id("grace").as_str());
}

#[tokio::test]
async fn many_go_out_and_in_again_as_they_were() {
    let served = Served::start().await;
    let mut lines: Vec<String> = (0..MANY)
        .map(|number| person(&format!("person{number}")).to_string())
        .collect();
    let ada = json!({"account_id": "0b1c0b1c-0b1c-4b1c-8b1c-0b1c0b1c0b1c", "username": "ada", "email": "ada@example.com",
        "email_verified": true, "phone": "+6281234567890", "full_name": "Ada Lovelace", "birth_date": "1915-12-10",
        "locale": "id", "role": "ADMIN", "external_id": "x-1", "attributes": {"a": [1, null, {"b": 0.5}]},
        "password": PASSWORD, "create_time": "2020-01-02T03:04:05.678Z"});
    lines.push(ada.to_string());
    served.file("many.jsonl", &lines);
    let told = served.admin(&["import", "many.jsonl"]).worked();
    assert_eq!(told, format!("imported {}, refused 0\n", MANY + 1));
    let told = served.admin(&["export", "plain.jsonl"]).worked();
    assert_eq!(
        told,
        format!("exported {} accounts to plain.jsonl\n", MANY + 1)
    );
    let plain = fs::read_to_string(served.accountd.path().join("plain.jsonl")).unwrap();
    assert!(!plain.contains("password"), "no hashes unless asked for");
    let with = ["export", "all.jsonl", "--with-password-hashes", "--json"];
    assert_eq!(
        served.admin(&with).document(),
        json!({"exported": MANY + 1})
    );
    let path = served.accountd.path().join("all.jsonl");
    assert_eq!(mode(&path), 0o600);
    let all = fs::read_to_string(&path).unwrap();
    let row: Json = all
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap())
        .find(|row| row["username"] == "ada")
        .unwrap();
    let mut expected = ada;
    let fields = expected.as_object_mut().unwrap();
    fields.remove("password");
    fields.insert("state".to_owned(), "ACTIVE".into());
    fields.insert("password_hash".to_owned(), row["password_hash"].clone());
    assert_eq!(row, expected);

    let other = Served::start().await;
    fs::copy(&path, other.accountd.path().join("all.jsonl")).unwrap();
    other.admin(&["import", "all.jsonl"]).worked();
    assert!(other.login("ada", PASSWORD).await.is_ok());
    let told = other.admin(&["export", "-", "--with-password-hashes"]);
    assert_eq!(told.err, format!("exported {} accounts\n", MANY + 1));
    let sorted = |text: &str| {
        let mut rows: Vec<Json> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        rows.sort_by_key(|row| row["username"].as_str().unwrap().to_owned());
        rows
    };
    let (mut one, mut two) = (sorted(&all), sorted(&told.out));
    // A login may hash anew.
    for rows in [&mut one, &mut two] {
        let ada = rows
            .iter_mut()
            .find(|row| row["username"] == "ada")
            .unwrap();
        ada.as_object_mut().unwrap().remove("password_hash");
    }
    assert!(one == two, "what came in is what went out");
}

#[tokio::test]
async fn an_export_replaces_a_file_and_nothing_else() {
    let served = Served::start().await;
    served.import(&[person("ada"), person("grace")]);
    let path = served.file("old.jsonl", &["old"]);
    served
        .admin(&["export", "old.jsonl", "--filter", "username = grace"])
        .worked();
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.lines().count() == 1 && text.contains("grace"),
        "{text}"
    );
    assert_eq!(mode(&path), 0o600, "whatever it was before");
    served.file("kept.jsonl", &["kept"]);
    let names = || {
        let mut names: Vec<_> = fs::read_dir(served.accountd.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    let before = names();
    let refused = served
        .admin(&["export", "kept.jsonl", "--filter", "shoe_size = 43"])
        .refused();
    assert!(refused.contains("INVALID_FIELD"), "{refused}");
    let kept = fs::read_to_string(served.accountd.path().join("kept.jsonl")).unwrap();
    assert_eq!(kept, "kept\n");
    for target in ["/dev/null", "data", "nowhere/out.jsonl"] {
        let refused = served.admin(&["export", target]).refused();
        assert!(
            refused.contains(&format!("cannot write {target}")),
            "{refused}"
        );
    }
    assert_eq!(names(), before, "nothing is left of what failed");
}

#[tokio::test]
async fn files_that_cannot_be_used_are_refused() {
    let served = Served::start().await;
    let path = served.file("people.jsonl", &[person("ada").to_string()]);
    let missing = served.admin(&["import", "none.jsonl"]).refused();
    assert!(missing.contains("cannot read none.jsonl"), "{missing}");
    let directory = served.admin(&["import", "data"]).refused();
    assert!(directory.contains("is a directory"), "{directory}");
    let itself = served
        .admin(&["import", "people.jsonl", "--errors", "./people.jsonl"])
        .refused();
    assert!(itself.contains("name another file"), "{itself}");
    assert!(fs::read_to_string(path).unwrap().contains("ada"));
    let nowhere = served
        .admin(&[
            "import",
            "people.jsonl",
            "--errors",
            "nowhere/refused.jsonl",
        ])
        .refused();
    assert!(nowhere.contains("cannot write"), "{nowhere}");
    assert!(
        served.admin(&["list", "--json"]).lines().is_empty(),
        "nothing was sent"
    );
    // Standard input is empty here.
    let empty = served.admin(&["import", "-"]).worked();
    assert_eq!(empty, "imported 0, refused 0\n");
}

#[tokio::test]
async fn an_import_that_is_cut_off_says_where() {
    let listen = format!("127.0.0.1:{}", free_port());
    let accountd = || Installation::new().with("ACCOUNTD_ADMIN__LISTEN", listen.clone());
    let served = Served::of(accountd().with("ACCOUNTD_ADMIN__STREAM_DEADLINE", "3s")).await;
    let data = served.accountd.path().join("data");
    let client = accountd().with("ACCOUNTD_DATA_DIRECTORY", data.to_str().unwrap());
    let path = client.path().join("endless");
    let made = Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    // Open for both, it waits for nobody, and never ends.
    let mut lines = File::options().read(true).write(true).open(&path).unwrap();
    writeln!(lines, "{}\n{{}}x\n{}", person("ada"), person("grace")).unwrap();
    let mut import = client.start(&["admin", "import", "endless", "--errors", "refused.jsonl"]);
    assert_eq!(import.exit_code(), Some(1));
    let told = client.written("err");
    assert!(told.contains("line 2: MALFORMED_REQUEST"), "{told}");
    assert!(
        told.contains("cut off: the lines before line 4") && told.contains("DEADLINE_EXCEEDED"),
        "{told}"
    );
    assert_eq!(
        client.written("out"),
        "imported 2, refused 1: MALFORMED_REQUEST 1\n"
    );
    assert_eq!(client.written("refused.jsonl"), "{}x\n");
    assert_eq!(served.get("grace")["account"]["state"], "ACTIVE");
}
