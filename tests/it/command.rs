//! What the accountd can be told to do.

mod admin;
mod doctor;
mod health;
mod migrate;
mod reload;
mod restore;

use crate::support::installation::Installation;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
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
