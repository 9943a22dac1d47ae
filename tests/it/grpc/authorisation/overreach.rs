//! AZ-05: what a caller may not set is not set, whichever way it is sent.

use accountd::{
    proto::{self, UpdateRequest},
    store::account,
};
use prost_types::FieldMask;
use sea_orm::EntityTrait as _;
use tonic::Code;
use uuid::Uuid;

use crate::support::{
    client::{Client, PASSWORD, assert_refused},
    raw::call,
    service::{Node, on_both_engines, start},
};

/// A request with what it may have, and behind that everything that somebody might wish for.
#[derive(Clone, PartialEq, prost::Message)]
struct Overreach {
    #[prost(string, tag = "2")]
    username: String,
    #[prost(string, tag = "3")]
    email: String,
    /// `full_name` of an update, `birth_date` of a registration: left out of the latter.
    #[prost(string, optional, tag = "6")]
    full_name: Option<String>,
    #[prost(string, optional, tag = "10")]
    password: Option<String>,
    #[prost(string, tag = "21")]
    role: String,
    #[prost(int32, tag = "22")]
    state: i32,
    #[prost(bool, tag = "23")]
    email_verified: bool,
    #[prost(bool, tag = "24")]
    is_active: bool,
    #[prost(string, tag = "25")]
    id: String,
    #[prost(string, tag = "26")]
    password_hash: String,
    #[prost(message, optional, tag = "27")]
    account: Option<proto::Account>,
    #[prost(message, optional, tag = "28")]
    create_time: Option<prost_types::Timestamp>,
}

const WISHED_ID: &str = "00000000-0000-7000-8000-000000000001";

fn overreach() -> Overreach {
    Overreach {
        role: String::from("ADMIN"),
        state: proto::AccountState::Active.into(),
        email_verified: true,
        is_active: true,
        id: WISHED_ID.to_owned(),
        password_hash: String::from("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g"),
        account: Some(proto::Account {
            id: WISHED_ID.to_owned(),
            role: String::from("ADMIN"),
            state: proto::AccountState::Active.into(),
            ..proto::Account::default()
        }),
        create_time: Some(prost_types::Timestamp::default()),
        ..Overreach::default()
    }
}

async fn row(node: &Node, id: &str) -> account::Model {
    let id = Uuid::parse_str(id).unwrap();
    account::Entity::find_by_id(id)
        .one(&node.app.db)
        .await
        .unwrap()
        .unwrap()
}

async fn update(client: &Client, paths: &[&str]) -> Result<proto::UpdateResponse, tonic::Status> {
    let paths = paths.iter().map(ToString::to_string).collect();
    client
        .update(UpdateRequest {
            update_mask: Some(FieldMask { paths }),
            full_name: String::from("Ada"),
            ..UpdateRequest::default()
        })
        .await
}

on_both_engines! {
    async fn az_05_a_registration_sets_neither_role_nor_state(engines) {
        let node = start(engines).await;
        let message = Overreach {
            username: String::from("ada"),
            email: String::from("ada@example.com"),
            password: Some(PASSWORD.to_owned()),
            ..overreach()
        };
        let request = tonic::Request::new(message);
        let answer: proto::RegisterResponse = call(&node, "Register", request).await.unwrap();
        let stored = row(&node, &answer.account.unwrap().id).await;
        assert_ne!(stored.id.to_string(), WISHED_ID);
        assert_eq!((stored.role.as_str(), stored.state), ("USER", account::State::Pending));
        assert!(!stored.email_verified);
        assert_ne!(stored.password_hash, overreach().password_hash);
        assert_eq!(stored.created_at, node.ground.clock.now().millis());
    }

    async fn az_05_an_update_sets_nothing_beyond_its_fields(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let id = ada.current().await.unwrap().id;
        let before = row(&node, &id).await;
        let request = ada.request(Overreach { full_name: Some(String::from("Ada")), ..overreach() });
        let answer: proto::UpdateResponse = call(&node, "Update", request).await.unwrap();
        assert_eq!(answer.account.unwrap().id, id);
        let after = row(&node, &id).await;
        let expected = account::Model {
            full_name: Some(String::from("Ada")),
            version: before.version + 1,
            ..before
        };
        assert_eq!(after, expected);
    }

    async fn az_05_a_mask_names_no_other_field(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let id = ada.current().await.unwrap().id;
        let before = row(&node, &id).await;
        for path in [
            "role", "state", "id", "realm", "email_verified", "is_active", "create_time", "created_at",
            "password_hash", "credentials_version", "external_id", "etag", "account.role", "*", "", "Role",
        ] {
            let answer = update(&ada, &["full_name", path]).await;
            assert_refused(answer, Code::InvalidArgument, "INVALID_FIELD");
        }
        assert_eq!(row(&node, &id).await, before);
        update(&ada, &["full_name"]).await.unwrap();
    }
}
