//! What the accountd can be told to do.

use crate::support::{installation::Installation, postgres};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn migrate_tells_where_the_schema_stands() {
    let accountd = Installation::new();
    let before = accountd.run(&["migrate", "status"]);
    assert_eq!(before.status.code(), Some(1), "{before:?}");
    assert!(text(&before.stdout).contains("Pending"));
    let up = accountd.run(&["migrate", "up"]);
    assert_eq!(up.status.code(), Some(0), "{up:?}");
    let after = accountd.run(&["migrate", "status"]);
    assert_eq!(after.status.code(), Some(0), "{after:?}");
    assert!(!text(&after.stdout).contains("Pending"));
    let down = accountd.run(&["migrate", "down", "--steps", "2"]);
    assert_eq!(down.status.code(), Some(0), "{down:?}");
    assert_eq!(text(&down.stdout).matches("Pending").count(), 2);
}

#[tokio::test]
async fn production_refuses_a_schema_that_is_behind() {
    let accountd = Installation::new()
        .with("ACCOUNTD_STORE__URL", postgres::database().await)
        .with("ACCOUNTD_GRPC__LISTEN", "127.0.0.1:0");
    let mut running = accountd.start(&["serve"]);
    assert_eq!(running.exit_code(), Some(1));
    let told = accountd.written("err");
    assert!(told.contains("accountd migrate up"), "{told}");
    assert_eq!(accountd.run(&["migrate", "up"]).status.code(), Some(0));
    let _serves = accountd.start(&["serve"]);
    for _ in 0..200 {
        if accountd.written("out").contains("serves on") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{}", accountd.written("err"));
}

#[tokio::test]
async fn production_migrates_when_it_is_told_to() {
    let accountd = Installation::new()
        .with("ACCOUNTD_STORE__URL", postgres::database().await)
        .with("ACCOUNTD_STORE__MIGRATE", "always")
        .with("ACCOUNTD_GRPC__LISTEN", "127.0.0.1:0");
    let _running = accountd.start(&["serve"]);
    for _ in 0..200 {
        if accountd.written("out").contains("serves on") {
            assert_eq!(accountd.run(&["migrate", "status"]).status.code(), Some(0));
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{}", accountd.written("err"));
}

#[test]
fn keys_are_made_listed_and_rotated() {
    let accountd = Installation::new();
    let made = accountd.run(&["keys", "generate"]);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let again = accountd.run(&["keys", "generate"]);
    assert!(
        text(&again.stdout).contains("No key was missing"),
        "{again:?}"
    );
    assert_eq!(accountd.run(&["keys", "rotate"]).status.code(), Some(0));
    let listed = text(&accountd.run(&["keys", "list"]).stdout);
    assert_eq!(listed.matches("EdDSA").count(), 2, "{listed}");
    assert_eq!(listed.matches("waiting").count(), 2, "{listed}");
}

#[test]
fn every_fault_of_the_configuration_is_told_at_once() {
    let accountd = Installation::new()
        .with("ACCOUNTD_KV__KIND", "redis")
        .with("ACCOUNTD_GRPC__LISTEN", "nowhere")
        .with("ACCOUNTD_MAIL__KIND", "smtp");
    let checked = accountd.run(&["config", "check"]);
    assert_eq!(checked.status.code(), Some(1));
    let told = text(&checked.stderr);
    for key in ["kv.urls", "grpc.listen", "mail.smtp_host"] {
        assert!(told.contains(key), "{key} is not told: {told}");
    }
    let served = accountd.run(&["serve"]);
    assert_eq!(served.status.code(), Some(1), "{served:?}");
}
