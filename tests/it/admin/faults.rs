//! Every act of an operator under every fault at every point: told as what it is, and done once by who asks again.

use std::time::Duration;

use accountd::{
    faults::Fault,
    proto::{
        AccountState, RequirePasswordChangeRequest, ResetLimitRequest, RevokeSessionsRequest,
        SetAccountStateRequest, SetRoleRequest,
    },
    store::audit_event,
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use tonic::Status;

use crate::support::{
    client::reason,
    office::{Office, Operator},
    request_id::fresh_request_id,
    service::{Node, on_both_engines, start},
};

const ACTS: [&str; 5] = [
    "set_account_state",
    "set_role",
    "revoke_sessions",
    "require_password_change",
    "reset_limit",
];

const FAULTS: [Fault; 4] = [
    Fault::FailBefore,
    Fault::FailAfter,
    Fault::Garble,
    Fault::Panic,
];

async fn act(chief: &Operator, act: &str, id: &str, request_id: &str) -> Result<(), Status> {
    let (account_id, request_id) = (id.to_owned(), request_id.to_owned());
    match act {
        "set_account_state" => {
            let message = SetAccountStateRequest {
                account_id,
                request_id,
                state: AccountState::Suspended.into(),
                ..SetAccountStateRequest::default()
            };
            chief.set_account_state(message).await.map(drop)
        }
        "set_role" => {
            let message = SetRoleRequest {
                account_id,
                request_id,
                role: String::from("boss"),
                ..SetRoleRequest::default()
            };
            chief.set_role(message).await.map(drop)
        }
        "revoke_sessions" => {
            let message = RevokeSessionsRequest {
                account_id,
                request_id,
                ..RevokeSessionsRequest::default()
            };
            chief.revoke_sessions(message).await.map(drop)
        }
        "require_password_change" => {
            let message = RequirePasswordChangeRequest {
                account_id,
                request_id,
                ..RequirePasswordChangeRequest::default()
            };
            chief.require_password_change(message).await.map(drop)
        }
        "reset_limit" => {
            let message = ResetLimitRequest {
                account_id,
                request_id,
                limit: String::from("account"),
                ..ResetLimitRequest::default()
            };
            chief.reset_limit(message).await.map(drop)
        }
        other => panic!("no act {other}"),
    }
}

/// How often an act on the account was done.
async fn done(node: &Node, act: &str, id: &str) -> u64 {
    use audit_event::Column;
    let id = uuid::Uuid::parse_str(id).unwrap();
    let query = audit_event::Entity::find()
        .filter(Column::AccountId.eq(id))
        .filter(Column::Action.eq(act))
        .filter(Column::Outcome.eq("OK"));
    query.count(&node.app.db).await.unwrap()
}

on_both_engines! {
    async fn i10_whatever_breaks_an_act_is_done_once(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let stranger = node.client();
        let mut number = 0;
        let mut newcomer = async || {
            number += 1;
            stranger.join(&format!("user{number}")).await.account.unwrap().id
        };
        let faults = node.app.faults.clone();
        for name in ACTS {
            let id = newcomer().await;
            faults.record();
            act(&chief, name, &id, &fresh_request_id()).await.unwrap();
            let points = faults.recorded().len();
            assert!(points > 5, "{name} passes {points} points");
            for point in 0..points {
                for fault in FAULTS {
                    let what = format!("{name} with {fault:?} at {point}");
                    let id = newcomer().await;
                    // The letters of newcomers pass points, too.
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    let request_id = fresh_request_id();
                    faults.arm("", point, fault);
                    let first = act(&chief, name, &id, &request_id).await;
                    faults.disarm();
                    let told = first.as_ref().map_or_else(reason, |()| String::from("OK"));
                    let expected = ["OK", "DEPENDENCY_UNAVAILABLE", "INTERNAL", "CONFLICT"];
                    assert!(expected.contains(&told.as_str()), "{what}: {told}");
                    let is_broken = matches!(fault, Fault::Panic | Fault::Garble);
                    assert!(told != "INTERNAL" || is_broken, "{what}: {told}");
                    act(&chief, name, &id, &request_id).await.unwrap_or_else(|fault| panic!("{what}: {fault}"));
                    assert_eq!(done(&node, name, &id).await, 1, "{what}");
                }
            }
        }
    }
}
