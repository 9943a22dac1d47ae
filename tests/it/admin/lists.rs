//! Accounts, a page at a time.

use std::{collections::BTreeSet, time::Duration};

use accountd::proto::{
    Account, AccountState, GetAccountRequest, ListAccountsRequest, SetAccountStateRequest,
    SetRoleRequest, get_account_request::Name,
};
use tonic::Code;

use super::by_id;
use crate::support::{
    client::assert_refused,
    office::{Office, Operator},
    service::{Node, on_both_engines, start},
};

/// All pages of a list.
async fn all(chief: &Operator, page_size: i32, filter: &str, order_by: &str) -> Vec<Account> {
    let mut message = ListAccountsRequest {
        page_size,
        filter: filter.to_owned(),
        order_by: order_by.to_owned(),
        ..ListAccountsRequest::default()
    };
    let mut found = Vec::new();
    loop {
        let page = chief.list_accounts(message.clone()).await.unwrap();
        assert!(page.accounts.len() <= usize::try_from(page_size).unwrap());
        found.extend(page.accounts);
        if page.next_page_token.is_empty() {
            return found;
        }
        message.page_token = page.next_page_token;
    }
}

fn names(accounts: &[Account]) -> Vec<&str> {
    accounts
        .iter()
        .map(|account| account.username.as_str())
        .collect()
}

/// Seven accounts, a minute apart; two waiting for their codes.
async fn town(node: &Node) {
    let stranger = node.client();
    for name in ["dora", "Bert", "anna", "carl", "emil"] {
        stranger.join(name).await;
        node.advance(Duration::from_mins(1));
    }
    for name in ["fritz", "gerd"] {
        stranger
            .register(stranger.registration(name))
            .await
            .unwrap();
        node.advance(Duration::from_mins(1));
    }
}

on_both_engines! {
    async fn every_account_is_on_one_page_in_every_order(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        town(&node).await;
        let oldest = ["dora", "Bert", "anna", "carl", "emil", "fritz", "gerd"];
        let alphabetical = ["anna", "Bert", "carl", "dora", "emil", "fritz", "gerd"];
        for size in [1, 2, 3, 7, 50] {
            for (order, expected) in [
                ("", oldest),
                ("create_time", oldest),
                ("update_time", oldest),
                ("username", alphabetical),
                ("email asc", alphabetical),
            ] {
                assert_eq!(names(&all(&chief, size, "", order).await), expected, "{order}");
                let field = order.split(' ').next().filter(|field| !field.is_empty());
                let reverse = format!("{} desc", field.unwrap_or("create_time"));
                let mut turned = expected;
                turned.reverse();
                assert_eq!(names(&all(&chief, size, "", &reverse).await), turned, "{reverse}");
            }
        }
        let other_realm = ListAccountsRequest { realm: String::from("school"), ..Default::default() };
        assert_eq!(chief.list_accounts(other_realm).await.unwrap().accounts, []);
    }

    async fn a_filter_finds_what_it_says(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        town(&node).await;
        let of = async |name: &str| {
            let name = Some(Name::Username(name.to_owned()));
            let found = chief.get_account(GetAccountRequest { name, ..Default::default() }).await;
            found.unwrap().record.unwrap().account.unwrap().id
        };
        let (anna, carl) = (of("ANNA").await, of("carl").await);
        let role = SetRoleRequest { account_id: anna.clone(), role: String::from("teacher"), ..Default::default() };
        chief.set_role(role).await.unwrap();
        let state = AccountState::Suspended.into();
        let stop = SetAccountStateRequest { account_id: carl, state, ..Default::default() };
        chief.set_account_state(stop).await.unwrap();
        for (filter, expected) in [
            ("state = ACTIVE", vec!["Bert", "anna", "dora", "emil"]),
            ("state != ACTIVE", vec!["carl", "fritz", "gerd"]),
            ("state = SUSPENDED", vec!["carl"]),
            ("role = teacher", vec!["anna"]),
            ("role != teacher AND state=ACTIVE", vec!["Bert", "dora", "emil"]),
            ("username = BERT", vec!["Bert"]),
            ("username : R", vec!["Bert", "carl", "dora", "fritz", "gerd"]),
            ("email : \"RT@example\"", vec!["Bert"]),
            ("email = Anna@EXAMPLE.com", vec!["anna"]),
            ("email_verified = false", vec!["fritz", "gerd"]),
            ("password_change_required = true", vec![]),
            // 12:00 and a minute for each.
            ("create_time >= \"2026-01-31T12:02:00Z\" AND create_time < \"2026-01-31T12:04:00Z\"", vec!["anna", "carl"]),
            // Signs that mean something to LIKE.
            ("username : \"%\"", vec![]),
            ("username : \"_\"", vec![]),
            ("full_name = x", vec![]),
            ("phone != x AND username : a", vec!["anna", "carl", "dora"]),
        ] {
            let found = all(&chief, 2, filter, "username").await;
            let found: BTreeSet<&str> = names(&found).into_iter().collect();
            assert_eq!(found, expected.into_iter().collect(), "{filter}");
        }
    }

    async fn letters_with_accents_are_found_as_they_were_typed(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let stranger = node.client();
        let mut message = stranger.registration("ada");
        message.full_name = String::from("Élodie Ängström");
        stranger.register(message).await.unwrap();
        for filter in ["full_name : \"Élodie\"", "full_name : \"Ängström\"", "full_name = \"Élodie Ängström\""] {
            assert_eq!(names(&all(&chief, 2, filter, "").await), ["ada"], "{filter}");
        }
    }

    async fn a_page_token_is_good_for_its_own_list_alone(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        town(&node).await;
        let first = ListAccountsRequest { page_size: 2, ..ListAccountsRequest::default() };
        let page_token = chief.list_accounts(first.clone()).await.unwrap().next_page_token;
        let next = ListAccountsRequest { page_token, ..first };
        chief.list_accounts(next.clone()).await.unwrap();
        for other in [
            ListAccountsRequest { filter: String::from("state = ACTIVE"), ..next.clone() },
            ListAccountsRequest { order_by: String::from("username"), ..next.clone() },
            ListAccountsRequest { realm: String::from("school"), ..next.clone() },
            ListAccountsRequest { page_token: String::from("nonsense"), ..next.clone() },
            ListAccountsRequest { page_size: -1, ..next.clone() },
            ListAccountsRequest { order_by: String::from("shoe_size"), page_token: String::new(), ..next.clone() },
            ListAccountsRequest { filter: String::from("shoe_size = 7"), page_token: String::new(), ..next },
        ] {
            let refused = chief.list_accounts(other).await;
            assert_refused(refused, Code::InvalidArgument, "INVALID_FIELD");
        }
    }

    async fn an_account_is_found_by_each_of_its_names(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let id = node.client().join("ada").await.account.unwrap().id;
        for name in [
            Name::AccountId(id.clone()),
            Name::Username(String::from("ADA")),
            Name::Email(String::from("Ada@Example.com")),
        ] {
            let message = GetAccountRequest { name: Some(name), ..Default::default() };
            let found = chief.get_account(message).await.unwrap().record.unwrap();
            assert_eq!(found.account.unwrap().id, id);
        }
        for name in [
            Name::AccountId(String::from("019a0000-0000-7000-8000-000000000000")),
            Name::Username(String::from("\u{200b}")),
            Name::ExternalId(String::from("7")),
        ] {
            let message = GetAccountRequest { name: Some(name), ..Default::default() };
            assert_refused(chief.get_account(message).await, Code::NotFound, "ACCOUNT_NOT_FOUND");
        }
        let nobody = chief.get_account(GetAccountRequest::default()).await;
        assert_refused(nobody, Code::InvalidArgument, "INVALID_FIELD");
        let record = chief.get_account(by_id(&id)).await.unwrap().record.unwrap();
        assert_eq!((record.password_scheme.as_str(), record.live_sessions), ("argon2id", 1));
    }
}
