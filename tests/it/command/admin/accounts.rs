//! Looking at accounts and changing them, against an accountd that serves.

use serde_json::{Value as Json, json};

use super::served::Served;
use crate::support::client::PASSWORD;

const UNKNOWN: &str = "01a1ffd7-4bd0-7384-a108-3ed42ef9855b";

fn people() -> [Json; 3] {
    [
        json!({"username": "ada", "email": "ada@example.com", "email_verified": true, "phone": "+6281234567890",
            "full_name": "Ada Lovelace", "birth_date": "1915-12-10", "external_id": "x-1",
            "attributes": {"level": 1, "team": "blue"}, "password": PASSWORD, "create_time": "2020-01-02T03:04:05Z"}),
        json!({"username": "grace", "email": "grace@example.com", "role": "ADMIN", "create_time": "2021-01-02T03:04:05Z"}),
        json!({"username": "alan", "email": "alan@example.org", "state": "SUSPENDED", "create_time": "2022-01-02T03:04:05Z"}),
    ]
}

#[tokio::test]
async fn an_account_is_found_by_any_of_its_names() {
    let served = Served::start().await;
    served.import(&people());
    let by_username = served.get("ADA");
    let account = &by_username["account"];
    assert_eq!(account["birth_date"], "1915-12-10");
    assert_eq!(account["create_time"], "2020-01-02T03:04:05Z");
    assert_eq!(account["attributes"], json!({"level": 1, "team": "blue"}));
    assert_eq!(account["state"], "ACTIVE");
    assert_eq!(account["picture"], Json::Null);
    assert_eq!(by_username["live_sessions"], 0);
    assert_eq!(by_username["last_active_time"], Json::Null);
    let id = account["id"].as_str().unwrap();
    for name in [
        ["--id", id],
        ["--email", "ADA@example.com"],
        ["--phone", "+6281234567890"],
        ["--external-id", "x-1"],
    ] {
        let found = served
            .admin(&[&["get", "--json"], &name[..]].concat())
            .document();
        assert_eq!(found, by_username, "{name:?}");
    }
    let text = served.admin(&["get", "--username", "ada"]).worked();
    for part in [
        "ada@example.com\n",
        "1915-12-10",
        "argon2id, works",
        "{\"level\":1,\"team\":\"blue\"}",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let none = served.admin(&["get", "--username", "nobody"]).refused();
    assert!(
        none.contains("ACCOUNT_NOT_FOUND") && none.contains("--realm"),
        "{none}"
    );
    let elsewhere = served
        .admin(&["get", "--id", id, "--realm", "school"])
        .refused();
    assert!(elsewhere.contains("ACCOUNT_NOT_FOUND"), "{elsewhere}");
    let nowhere = served
        .admin(&["get", "--id", id, "--realm", "nowhere"])
        .refused();
    assert!(nowhere.contains("REALM_UNKNOWN"), "{nowhere}");
}

#[tokio::test]
async fn accounts_are_listed_filtered_and_in_order() {
    let served = Served::start().await;
    served.import(&people());
    let names = |arguments: &[&str]| -> Vec<String> {
        let told = served.admin(&[&["list", "--json"], arguments].concat());
        assert_eq!(told.code, Some(0), "{}", told.err);
        let name = |account: Json| account["username"].as_str().unwrap().to_owned();
        told.lines().into_iter().map(name).collect()
    };
    assert_eq!(names(&[]), ["ada", "grace", "alan"]);
    assert_eq!(
        names(&["--order-by", "username desc", "--limit", "0"]),
        ["grace", "alan", "ada"]
    );
    assert_eq!(
        names(&["--filter", "state = ACTIVE AND email : \"@example.com\""]),
        ["ada", "grace"]
    );
    assert_eq!(names(&["--limit", "2"]), ["ada", "grace"]);
    let part = served.admin(&["list", "--limit", "2"]);
    assert!(part.err.contains("--limit"), "{}", part.err);
    let table = part.worked();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 3, "{table}");
    assert!(
        lines[0].starts_with("ID  ") && lines[2].contains("ADMIN"),
        "{table}"
    );
    let refused = served
        .admin(&["list", "--filter", "shoe_size = 43"])
        .refused();
    assert!(
        refused.contains("INVALID_FIELD") && refused.contains("filter"),
        "{refused}"
    );
    let told = served.admin(&["list", "--order-by", "shoe_size", "--json"]);
    let error: Json = serde_json::from_str(&told.err).unwrap();
    assert_eq!(error["error"]["reason"], "INVALID_FIELD");
    assert_eq!(error["error"]["violations"][0]["field"], "order_by");
}

#[tokio::test]
async fn an_account_is_stopped_and_let_go_on() {
    let served = Served::start().await;
    served.import(&people());
    let id = served.id("ada");
    let token = served.login("ada", PASSWORD).await.unwrap();
    assert_eq!(served.current(&token).await.unwrap().username, "ada");
    assert_eq!(served.get("ada")["live_sessions"], 1);
    let suspended = served
        .admin(&["suspend", &id, "--reason", "reported", "--json"])
        .document();
    assert_eq!(suspended["account"]["state"], "SUSPENDED");
    assert_eq!(suspended["ended_sessions"], 1);
    assert!(served.current(&token).await.is_err());
    assert!(served.login("ada", PASSWORD).await.is_err());
    let text = served.admin(&["activate", &id]).worked();
    assert!(
        text.contains("ACTIVE") && text.contains("ended_sessions"),
        "{text}"
    );
    assert!(served.login("ada", PASSWORD).await.is_ok());
    let unknown = served.admin(&["suspend", UNKNOWN]).refused();
    assert!(unknown.contains("ACCOUNT_NOT_FOUND"), "{unknown}");
    let long = "x".repeat(257);
    let refused = served
        .admin(&["activate", &id, "--reason", &long])
        .refused();
    assert!(
        refused.contains("INVALID_FIELD") && refused.contains("reason"),
        "{refused}"
    );
}

#[tokio::test]
async fn role_and_attributes_are_changed() {
    let served = Served::start().await;
    served.import(&people());
    let id = served.id("ada");
    let changed = served.admin(&["role", &id, "ADMIN", "--json"]).document();
    assert_eq!(changed["account"]["role"], "ADMIN");
    assert_eq!(changed.as_object().unwrap().len(), 1);
    let refused = served.admin(&["role", &id, "two words"]).refused();
    assert!(
        refused.contains("INVALID_FIELD") && refused.contains("role"),
        "{refused}"
    );
    let attributes = |arguments: &[&str]| {
        let all = [&["attributes", &id, "--json"], arguments].concat();
        served.admin(&all).document()["account"]["attributes"].clone()
    };
    let merged = attributes(&["{\"level\": 2}", "--only", "level", "team"]);
    assert_eq!(merged, json!({"level": 2}));
    assert_eq!(
        attributes(&["{\"shoe\": [43, null]}", "--only", "shoe"]),
        json!({"level": 2, "shoe": [43, null]})
    );
    assert_eq!(attributes(&["{\"a\": 0.5}"]), json!({"a": 0.5}));
    assert_eq!(attributes(&["{}"]), json!({}));
}

#[tokio::test]
async fn sessions_end_and_a_password_becomes_useless() {
    let served = Served::start().await;
    served.import(&people());
    let id = served.id("ada");
    let token = served.login("ada", PASSWORD).await.unwrap();
    served.login("ada", PASSWORD).await.unwrap();
    let missing = served
        .admin(&["sessions", "revoke", &id, "--session", UNKNOWN])
        .refused();
    assert!(missing.contains("SESSION_NOT_FOUND"), "{missing}");
    let ended = served
        .admin(&["sessions", "revoke", &id, "--json"])
        .document();
    assert_eq!(ended, json!({"ended_sessions": 2}));
    assert_eq!(
        served.current(&token).await,
        Err("TOKEN_REVOKED".to_owned())
    );
    let text = served.admin(&["sessions", "revoke", &id]).worked();
    assert_eq!(text, "sessions ended: 0\n");
    let token = served.login("ada", PASSWORD).await.unwrap();
    let changed = served
        .admin(&[
            "require-password-change",
            &id,
            "--reason",
            "leaked",
            "--json",
        ])
        .document();
    assert_eq!(changed["ended_sessions"], 1);
    assert!(served.current(&token).await.is_err());
    assert_eq!(
        served.login("ada", PASSWORD).await,
        Err("PASSWORD_CHANGE_REQUIRED".to_owned())
    );
    assert_eq!(served.get("ada")["password_change_required"], true);
    let text = served.admin(&["get", "--id", &id]).worked();
    assert!(text.contains("must be changed"), "{text}");
}

#[tokio::test]
async fn what_operators_did_is_listed() {
    let served = Served::start().await;
    served.import(&people());
    let id = served.id("ada");
    served
        .admin(&["suspend", &id, "--reason", "reported by grace"])
        .worked();
    served.admin(&["suspend", UNKNOWN]).refused();
    let events = |arguments: &[&str]| {
        let told = served.admin(&[&["audit", "--json"], arguments].concat());
        assert_eq!(told.code, Some(0), "{}", told.err);
        told.lines()
    };
    let done = events(&[
        "--account",
        &id,
        "--operator",
        "local",
        "--action",
        "set_account_state",
        "--outcome",
        "OK",
    ]);
    assert_eq!(done.len(), 1, "{done:?}");
    assert_eq!(done[0]["account_id"], id.as_str());
    assert!(
        done[0]["detail"]
            .as_str()
            .unwrap()
            .contains("reported by grace"),
        "{done:?}"
    );
    let at = done[0]["time"].as_str().unwrap();
    assert!(
        events(&["--since", at])
            .iter()
            .any(|event| event["id"] == done[0]["id"])
    );
    assert!(
        !events(&["--until", at, "--limit", "0"])
            .iter()
            .any(|event| event["id"] == done[0]["id"])
    );
    let refused = events(&[
        "--action",
        "set_account_state",
        "--outcome",
        "ACCOUNT_NOT_FOUND",
    ]);
    assert_eq!(refused.len(), 1);
    assert_eq!(events(&["--limit", "1"]).len(), 1);
    let table = served.admin(&["audit", "--account", &id]).worked();
    assert!(
        table.starts_with("TIME") && table.contains("reported by grace"),
        "{table}"
    );
}

#[tokio::test]
async fn limits_are_told_and_given_back() {
    let served = Served::start().await;
    served.import(&people());
    let id = served.id("ada");
    let limits = |arguments: &[&str]| {
        served
            .admin(&[&["limits", "get", "--json"], arguments].concat())
            .lines()
    };
    // What counts is where the guesses come from.
    let whose = ["--account", &id, "--peer-address", "127.0.0.1"];
    let used = || -> Vec<(String, i64)> {
        let told = limits(&whose).into_iter();
        let told = told.map(|one| {
            (
                one["name"].as_str().unwrap().to_owned(),
                one["used"].as_i64().unwrap(),
            )
        });
        told.filter(|(_, used)| *used > 0).collect()
    };
    for _ in 0..3 {
        assert!(served.login("ada", "not her password").await.is_err());
    }
    let before = used();
    let name = "login";
    assert!(before.contains(&(name.to_owned(), 3)), "{before:?}");
    let table = served
        .admin(&[&["limits", "get"], &whose[..]].concat())
        .worked();
    assert!(table.starts_with("NAME") && table.contains(name), "{table}");
    let reset = served
        .admin(&[&["limits", "reset", name, "--json"], &whose[..]].concat())
        .document();
    assert_eq!(
        (reset["name"].as_str(), reset["used"].as_i64()),
        (Some(name), Some(0))
    );
    assert!(!used().iter().any(|(one, _)| one == name));
    let unknown = served
        .admin(&[&["limits", "reset", "shoes"], &whose[..]].concat())
        .refused();
    assert!(
        unknown.contains("LIMIT_NOT_FOUND") && unknown.contains("limits get"),
        "{unknown}"
    );
    let malformed = served
        .admin(&["limits", "get", "--peer-address", "nowhere"])
        .refused();
    assert!(
        malformed.contains("INVALID_FIELD") && malformed.contains("peer_address"),
        "{malformed}"
    );
}
