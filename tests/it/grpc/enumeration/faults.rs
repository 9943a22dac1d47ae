//! A fault of our own is told in neutral words (I11, I12).

use accountd::proto::{self, OtpPurpose};
use sea_orm::ConnectionTrait as _;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::support::{
    client::{Client, PASSWORD, reason},
    codes::Who,
    service::{Node, on_both_engines, start},
};

/// Words that would tell what is behind the contract, or whose data.
const INSIDE: [&str; 18] = [
    "accounts", "sessions", "codes", "outbox", "audit", "select", "insert", "update", "table",
    "column", "sqlx", "sea_orm", "sqlite", "postgres", "redis", "src/", ".rs", "ada",
];

/// Every RPC that goes to the database, refused.
async fn every_refusal(ada: &Client, refresh_token: &str) -> Vec<(&'static str, Status)> {
    let id = "0197c0de-0000-7000-8000-000000000000";
    let email = "ada@example.com";
    let name = proto::UpdateRequest {
        full_name: String::from("A"),
        ..proto::UpdateRequest::default()
    };
    let revoke = proto::RevokeSessionRequest {
        session_id: id.to_owned(),
        ..proto::RevokeSessionRequest::default()
    };
    let activate = OtpPurpose::Activate;
    vec![
        (
            "Register",
            ada.register(ada.registration("bob")).await.unwrap_err(),
        ),
        (
            "RequestOtp",
            ada.request_otp(email, OtpPurpose::ResetPassword)
                .await
                .unwrap_err(),
        ),
        (
            "VerifyOtp",
            ada.bring(activate, Who::Id(id), "012345")
                .await
                .unwrap_err(),
        ),
        (
            "ResendOtp",
            ada.ask_again(activate, Who::Email(email))
                .await
                .unwrap_err(),
        ),
        ("Login", ada.login("ada", PASSWORD).await.unwrap_err()),
        ("Refresh", ada.refresh(refresh_token).await.unwrap_err()),
        ("Logout", ada.logout().await.unwrap_err()),
        ("GetCurrent", ada.current().await.unwrap_err()),
        ("Update", ada.update(name).await.unwrap_err()),
        ("Delete", ada.delete(PASSWORD).await.unwrap_err()),
        (
            "ResetPassword",
            ada.reset_password(email, "012345", "another good one")
                .await
                .unwrap_err(),
        ),
        ("ListSessions", ada.sessions().await.unwrap_err()),
        (
            "RevokeSession",
            ada.rpc
                .clone()
                .revoke_session(ada.request(revoke))
                .await
                .unwrap_err(),
        ),
    ]
}

fn assert_neutral(method: &str, status: &Status, request_id: &str) {
    let details = status.get_error_details();
    let info = details.error_info().unwrap();
    let told = format!("{} {:?}", status.message(), info.metadata).to_lowercase();
    for word in INSIDE {
        assert!(
            !told.replace(request_id, "").contains(word),
            "{method}: {word}: {told}"
        );
    }
    assert!(details.debug_info().is_none(), "{method}");
}

async fn broken(node: &Node) {
    for table in ["accounts", "sessions", "codes"] {
        let rename = format!("ALTER TABLE {table} RENAME TO gone_{table}");
        node.app.db.execute_unprepared(&rename).await.unwrap();
    }
}

on_both_engines! {
    async fn en_09_a_broken_schema_is_an_internal_fault_and_no_more(engines) {
        let node = start(engines).await;
        let tokens = node.client().join("ada").await.tokens.unwrap();
        let ada = node.client().with(&tokens.access_token);
        broken(&node).await;
        for (method, status) in every_refusal(&ada, &tokens.refresh_token).await {
            assert_eq!((status.code(), reason(&status).as_str()), (Code::Internal, "INTERNAL"), "{method}");
            let id = status.get_details_request_info().unwrap().request_id;
            assert_neutral(method, &status, &id);
        }
    }

    async fn en_09_a_database_that_is_gone_is_unavailable_and_no_more(engines) {
        let node = start(engines).await;
        let tokens = node.client().join("ada").await.tokens.unwrap();
        let ada = node.client().with(&tokens.access_token);
        node.app.db.pool().clone().close().await.unwrap();
        for (method, status) in every_refusal(&ada, &tokens.refresh_token).await {
            let seen = (status.code(), reason(&status));
            assert_eq!(seen, (Code::Unavailable, String::from("DEPENDENCY_UNAVAILABLE")), "{method}");
            let id = status.get_details_request_info().unwrap().request_id;
            assert_neutral(method, &status, &id);
        }
    }
}
