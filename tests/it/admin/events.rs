//! Events, and whose acts they tell of.

use std::time::Duration;

use accountd::proto::{ListAuditEventsRequest, SetRoleRequest};
use prost_types::Timestamp;

use super::by_id;
use crate::support::{
    client::PASSWORD,
    office::{Office, Operator},
    service::{START, on_both_engines, start},
};

async fn actions(chief: &Operator, message: ListAuditEventsRequest) -> Vec<String> {
    let page = chief.list_audit_events(message).await.unwrap();
    page.events.into_iter().map(|event| event.action).collect()
}

on_both_engines! {
    async fn lc_06_every_act_bears_the_name_of_its_operator(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let id = node.client().join("ada").await.account.unwrap().id;
        let role = |role: &str| SetRoleRequest {
            account_id: id.clone(),
            role: role.to_owned(),
            ..SetRoleRequest::default()
        };
        // Events of one instant have no order.
        let pass = || node.advance(Duration::from_millis(1));
        pass();
        chief.get_account(by_id(&id)).await.unwrap();
        pass();
        chief.set_role(role("teacher")).await.unwrap();
        pass();
        let mut stale = role("boss");
        stale.etag = String::from("1");
        // It was not decided about anybody.
        chief.set_role(stale).await.unwrap_err();
        let gone = by_id("019a0000-0000-7000-8000-000000000000");
        chief.get_account(gone).await.unwrap_err();
        let wanted = ListAuditEventsRequest { operator: String::from("chief"), ..Default::default() };
        let page = chief.list_audit_events(wanted).await.unwrap();
        let told: Vec<_> = page
            .events
            .iter()
            .map(|event| (event.action.as_str(), event.outcome.as_str(), event.detail.as_str(), !event.account_id.is_empty()))
            .collect();
        assert_eq!(told, [
            ("get_account", "ACCOUNT_NOT_FOUND", "", false),
            ("set_role", "OK", "USER to teacher", true),
            ("get_account", "OK", "", true),
        ]);
        assert!(page.events.iter().all(|event| event.operator == "chief" && event.peer_address == "127.0.0.1"));
    }

    async fn events_are_listed_newest_first_and_by_what_they_are(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let stranger = node.client();
        let registered = stranger.register(stranger.registration("ada")).await.unwrap();
        let id = registered.account.unwrap().id;
        let code = stranger.code_for("ada@example.com").await;
        let pass = || node.advance(Duration::from_millis(1));
        pass();
        stranger.activate(&id, &code).await.unwrap();
        stranger.join("eve").await;
        node.advance(Duration::from_mins(1));
        stranger.login("ada", "a wrong password").await.unwrap_err();
        pass();
        stranger.login("ada", PASSWORD).await.unwrap();
        pass();
        let of_ada = ListAuditEventsRequest { account_id: id.clone(), ..Default::default() };
        let mut all = actions(&chief, of_ada.clone()).await;
        assert_eq!(all, ["login", "login", "verify_otp", "register"]);
        // The list itself is one more.
        all.insert(0, String::from("list_audit_events"));
        pass();
        let mut paged = Vec::new();
        let mut message = ListAuditEventsRequest { page_size: 2, ..of_ada.clone() };
        loop {
            let page = chief.list_audit_events(message.clone()).await.unwrap();
            pass();
            paged.extend(page.events.into_iter().map(|event| event.action));
            if page.next_page_token.is_empty() {
                break;
            }
            message.page_token = page.next_page_token;
        }
        assert_eq!(paged, all);
        let refused = ListAuditEventsRequest { outcome: String::from("INVALID_CREDENTIALS"), ..of_ada.clone() };
        assert_eq!(actions(&chief, refused).await, ["login"]);
        let registered = ListAuditEventsRequest { action: String::from("register"), ..Default::default() };
        assert_eq!(actions(&chief, registered).await, ["register", "register"]);
        let at = |seconds: i64| Some(Timestamp { seconds: START.seconds() + seconds, nanos: 0 });
        let early = ListAuditEventsRequest { end_time: at(60), ..of_ada.clone() };
        assert_eq!(actions(&chief, early).await, ["verify_otp", "register"]);
        let late = ListAuditEventsRequest { start_time: at(60), action: String::from("login"), ..of_ada };
        assert_eq!(actions(&chief, late).await, ["login", "login"]);
    }
}
