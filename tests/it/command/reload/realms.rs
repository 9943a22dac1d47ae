//! Realms that come, change and go while the service runs.

use accountd::proto::{RegisterRequest, RegisterResponse};
use tonic::{Response, Status};

use super::Configured;
use crate::support::client::reason;

const CLUB: &str = "[realms.club]\nactivation = \"none\"\n";

async fn register(
    accountd: &Configured,
    realm: &str,
    name: &str,
    password: &str,
) -> Result<Response<RegisterResponse>, Status> {
    let message = RegisterRequest {
        realm: realm.to_owned(),
        username: name.to_owned(),
        email: format!("{name}@example.com"),
        password: password.to_owned(),
        ..RegisterRequest::default()
    };
    accountd.served.client().await.register(message).await
}

#[tokio::test]
async fn a_realm_appears_changes_and_stays_while_somebody_is_in_it() {
    let accountd = Configured::start("").await;
    let short = "kuda laut";
    let early = register(&accountd, "club", "ada", short).await;
    assert_eq!(reason(&early.unwrap_err()), "REALM_UNKNOWN");

    accountd.change(CLUB);
    accountd.has("applied", 1.0).await;
    register(&accountd, "club", "ada", short).await.unwrap();

    accountd.change(&format!("{CLUB}password_min = 15\n"));
    accountd.has("applied", 2.0).await;
    let refused = register(&accountd, "club", "ben", short).await;
    assert_eq!(reason(&refused.unwrap_err()), "INVALID_FIELD");
    let told = ["realms.club.password_min", "old=\"8\"", "new=\"15\""];
    assert_eq!(accountd.told(&told), 1, "{}", accountd.served.log());

    // Neither gone nor switched off: and what came with it does not act either.
    accountd.change("[limits]\naddress_burst = 3\n");
    accountd.has("refused", 1.0).await;
    accountd.change(&format!("{CLUB}enabled = false\n"));
    accountd.has("refused", 2.0).await;
    assert_eq!(accountd.told(&["realms.club", "has accounts"]), 2);
    assert_eq!(accountd.told(&["limits.address_burst"]), 0);
    register(&accountd, "club", "ben", "a long day at the harbour")
        .await
        .unwrap();
}

#[tokio::test]
async fn an_empty_realm_goes_unless_a_dialect_serves_it() {
    let accountd = Configured::start(CLUB).await;
    accountd.change("# no club any more\n");
    accountd.has("applied", 1.0).await;
    let late = register(&accountd, "club", "ada", "a long day at sea").await;
    assert_eq!(reason(&late.unwrap_err()), "REALM_UNKNOWN");
    accountd.change("[realms.school]\nenabled = false\n");
    accountd.has("refused", 1.0).await;
    assert_eq!(accountd.told(&["realms.school", "dialect school"]), 1);
}
