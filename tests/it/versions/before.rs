//! This version goes on with what the version before it left behind.

use std::time::Duration;

use accountd::proto::{ListAuditEventsRequest, OtpPurpose};
use tonic::Code;

use super::{
    held::{Ada, Pair, named_login, named_update},
    left::{Heir, Left},
    life::live,
};
use crate::support::{
    binary,
    client::{PASSWORD, assert_refused},
    codes::Who,
    office::Office,
    service::{Engines, Node, on_both_engines},
};

/// Longer than anybody has to wait before a code is sent again.
const PAUSE: Duration = Duration::from_mins(3);

#[expect(
    clippy::disallowed_methods,
    reason = "only the environment can ask for it"
)]
fn is_to_be_committed() -> bool {
    std::env::var("UPDATE_FIXTURES").is_ok()
}

/// Tries all that the clients of the other version hold.
async fn go_on(left: &Left, heir: &Heir, engines: Engines) {
    assert_eq!(left.held.password, PASSWORD);
    let node = &heir.node;
    sessions_are_known(&left.held.ada, node).await;
    requests_are_answered_again(&left.held.ada, node).await;
    events_are_read(&left.held.ada, node).await;
    tokens_rotate(&left.held.ada, node).await;
    codes_are_taken(left, node, engines).await;
    live(&node.client(), &node.client(), "dora").await;
}

async fn sessions_are_known(ada: &Ada, node: &Node) {
    let client = node.client();
    for pair in [&ada.first, &ada.named] {
        let account = client.with(&pair.access_token).current().await.unwrap();
        assert_eq!((&account.id, &account.etag), (&ada.id, &ada.etag));
        assert_eq!(account.full_name, "Ada of the sea");
    }
    let listed = client.with(&ada.first.access_token).sessions().await;
    let mut listed: Vec<String> = listed.unwrap().into_iter().map(|one| one.id).collect();
    listed.sort();
    let mut expected = [ada.first.session_id.clone(), ada.named.session_id.clone()];
    expected.sort();
    assert_eq!(listed, expected);
    let revoked = client.with(&ada.revoked.access_token).current().await;
    assert_refused(revoked, Code::Unauthenticated, "TOKEN_REVOKED");
    let revoked = client.refresh(&ada.revoked.refresh_token).await;
    assert_refused(revoked, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
}

async fn requests_are_answered_again(ada: &Ada, node: &Node) {
    let client = node.client();
    let login = client.rpc.clone().login(named_login()).await.unwrap();
    let told: Pair = login.into_inner().tokens.unwrap().into();
    assert_eq!(told, ada.named);
    let client = client.with(&ada.first.access_token);
    let update = client.update(named_update()).await.unwrap();
    assert_eq!(update.account.unwrap().etag, ada.etag);
    assert_eq!(client.current().await.unwrap().etag, ada.etag);
}

async fn events_are_read(ada: &Ada, node: &Node) {
    let office = Office::open(node).await;
    let message = ListAuditEventsRequest {
        realm: String::from("default"),
        account_id: ada.id.clone(),
        page_size: 100,
        ..ListAuditEventsRequest::default()
    };
    let events = office.chief().list_audit_events(message).await.unwrap();
    let logins = events.events.iter().filter(|event| event.action == "login");
    assert_eq!(logins.count(), 2, "{events:?}");
}

async fn tokens_rotate(ada: &Ada, node: &Node) {
    let client = node.client();
    for pair in [&ada.first, &ada.named] {
        let next = client.refresh(&pair.refresh_token).await.unwrap();
        assert_eq!(next.session_id, pair.session_id);
        let account = client.with(&next.access_token).current().await.unwrap();
        assert_eq!(account.id, ada.id);
        let after = client.refresh(&next.refresh_token).await.unwrap();
        client.with(&after.access_token).current().await.unwrap();
        let old = client.refresh(&pair.refresh_token).await;
        assert_refused(old, Code::Unauthenticated, "REFRESH_TOKEN_REUSED");
    }
    client.login("ada", PASSWORD).await.unwrap();
}

/// A code has a half in the key-value store, which ends with its process where it is in memory: then another one is sent.
async fn codes_are_taken(left: &Left, node: &Node, engines: Engines) {
    let (ben, cleo) = (&left.held.ben, &left.held.cleo);
    let client = node.client();
    client.login("cleo", PASSWORD).await.unwrap();
    let mut codes = [ben.code.clone(), cleo.code.clone()];
    let who = Who::Id(&ben.id);
    if engines == Engines::Embedded {
        let lost = client.bring(OtpPurpose::Activate, who, &codes[0]).await;
        assert_refused(lost, Code::InvalidArgument, "CODE_INCORRECT");
        let email = "cleo@example.com";
        let purpose = OtpPurpose::ResetPassword;
        node.advance(PAUSE);
        client.ask_again(OtpPurpose::Activate, who).await.unwrap();
        client.request_otp(email, purpose).await.unwrap();
        codes = [
            client.code_for("ben@example.com").await,
            client.code_for(email).await,
        ];
    }
    let joined = client.bring(OtpPurpose::Activate, who, &codes[0]).await;
    let token = joined.unwrap().tokens.unwrap().access_token;
    assert_eq!(client.with(&token).current().await.unwrap().id, ben.id);
    let next = "a longer day ashore";
    let reset = client.reset_password("cleo@example.com", &codes[1], next);
    reset.await.unwrap();
    let answer = client.login("cleo", next).await.unwrap();
    assert_eq!(answer.account.unwrap().id, cleo.id);
}

on_both_engines! {
    async fn px_15_what_the_version_before_left_is_taken_over(engines) {
        let left = Left::committed(engines);
        let heir = left.taken_over(engines).await;
        assert!(heir.steps > 0, "the version before knew of fewer steps");
        go_on(&left, &heir, engines).await;
    }

    async fn px_15_what_the_other_version_leaves_is_taken_over(engines) {
        let other = binary::other().unwrap_or_else(binary::built);
        let left = Left::by(&other, engines).await;
        if is_to_be_committed() {
            left.commit(engines);
        }
        let heir = left.taken_over(engines).await;
        go_on(&left, &heir, engines).await;
    }
}
