//! Who is an operator, and what each may do: every method × every fault of the caller.

use std::time::Duration;

use accountd::{
    operators::{self, Scope},
    proto::{self, import_accounts_request::Header},
    store::audit_event,
};
use sea_orm::{EntityTrait as _, QueryOrder as _};
use tonic::{Code, Status};

use super::by_id;
use crate::support::{
    client::{assert_refused, reason},
    office::{Office, Operator, Rights},
    service::{Ground, Node, START, on_both_engines, start},
};

/// What one method asks for, and what its event calls it.
const METHODS: [(Scope, &str); 12] = [
    (Scope::AccountsRead, "get_account"),
    (Scope::AccountsRead, "list_accounts"),
    (Scope::AccountsWrite, "set_account_state"),
    (Scope::AccountsWrite, "set_role"),
    (Scope::AccountsWrite, "set_attributes"),
    (Scope::AccountsWrite, "require_password_change"),
    (Scope::SessionsRevoke, "revoke_sessions"),
    (Scope::AuditRead, "list_audit_events"),
    (Scope::LimitsRead, "get_limits"),
    (Scope::LimitsWrite, "reset_limit"),
    (Scope::AccountsImport, "import_accounts"),
    (Scope::AccountsExport, "export_accounts"),
];

/// Calls the method, with what it needs to succeed for that account.
async fn call(operator: &Operator, action: &str, realm: &str, id: &str) -> Result<(), Status> {
    let (realm, account_id) = (realm.to_owned(), id.to_owned());
    match action {
        "get_account" => {
            let message = proto::GetAccountRequest { realm, ..by_id(id) };
            operator.get_account(message).await.map(drop)
        }
        "list_accounts" => {
            let message = proto::ListAccountsRequest {
                realm,
                ..Default::default()
            };
            operator.list_accounts(message).await.map(drop)
        }
        "set_account_state" => {
            let state = proto::AccountState::Suspended.into();
            let message = proto::SetAccountStateRequest {
                realm,
                account_id,
                state,
                ..Default::default()
            };
            operator.set_account_state(message).await.map(drop)
        }
        "set_role" => {
            let role = String::from("boss");
            let message = proto::SetRoleRequest {
                realm,
                account_id,
                role,
                ..Default::default()
            };
            operator.set_role(message).await.map(drop)
        }
        "set_attributes" => {
            let message = proto::SetAttributesRequest {
                realm,
                account_id,
                ..Default::default()
            };
            operator.set_attributes(message).await.map(drop)
        }
        "require_password_change" => {
            let message = proto::RequirePasswordChangeRequest {
                realm,
                account_id,
                ..Default::default()
            };
            operator.require_password_change(message).await.map(drop)
        }
        "revoke_sessions" => {
            let message = proto::RevokeSessionsRequest {
                realm,
                account_id,
                ..Default::default()
            };
            operator.revoke_sessions(message).await.map(drop)
        }
        "list_audit_events" => {
            let message = proto::ListAuditEventsRequest {
                realm,
                ..Default::default()
            };
            operator.list_audit_events(message).await.map(drop)
        }
        "get_limits" => {
            let message = proto::GetLimitsRequest {
                realm,
                account_id,
                ..Default::default()
            };
            operator.get_limits(message).await.map(drop)
        }
        "reset_limit" => {
            let limit = String::from("account");
            let message = proto::ResetLimitRequest {
                realm,
                account_id,
                limit,
                ..Default::default()
            };
            operator.reset_limit(message).await.map(drop)
        }
        "import_accounts" => {
            let header = Header {
                realm,
                ..Default::default()
            };
            operator.import(header, Vec::new()).await.map(drop)
        }
        "export_accounts" => {
            let message = proto::ExportAccountsRequest {
                realm,
                ..Default::default()
            };
            operator.export(message).await.map(drop)
        }
        other => panic!("no method {other}"),
    }
}

async fn events(node: &Node) -> Vec<audit_event::Model> {
    let query = audit_event::Entity::find().order_by_asc(audit_event::Column::Id);
    query.all(&node.app.db).await.unwrap()
}

/// Every method is refused for the reason, and each refusal is an event.
async fn refused_everywhere(
    node: &Node,
    operator: &Operator,
    realm: &str,
    id: &str,
    (code, expected, name): (Code, &str, Option<&str>),
) {
    for (_, action) in METHODS {
        // Events of one instant have no order.
        node.advance(Duration::from_millis(1));
        let before = events(node).await.len();
        let refused = call(operator, action, realm, id).await.unwrap_err();
        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (code, expected),
            "{action}"
        );
        let events = events(node).await;
        let [event] = &events[before..] else {
            panic!("{action}: one event, and not {:?}", &events[before..]);
        };
        assert_eq!(
            (
                event.action.as_str(),
                event.outcome.as_str(),
                event.operator.as_deref()
            ),
            (action, expected, name)
        );
    }
}

on_both_engines! {
    async fn az_01_nobody_else_is_an_operator(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let ada = node.client().join("ada").await;
        let id = ada.account.unwrap().id;
        let chief = office.chief();
        node.advance(Duration::from_millis(1));
        let nobody = (Code::Unauthenticated, "TOKEN_MISSING", None);
        refused_everywhere(&node, &office.with(None), "default", &id, nobody).await;
        let invalid = (Code::Unauthenticated, "TOKEN_INVALID", None);
        // An account's own token, and one of an operator with another end.
        let own = ada.tokens.unwrap().access_token;
        let mut near = chief.token.clone().unwrap();
        near.pop();
        for token in [own.as_str(), near.as_str(), "", "accountd_op_"] {
            refused_everywhere(&node, &office.with(Some(token)), "default", &id, invalid).await;
        }
        let late = office.hire("late", Rights {
            scopes: &Scope::ALL,
            expires: Some(START + Duration::from_mins(5)),
            ..Rights::default()
        });
        call(&late, "get_account", "default", &id).await.unwrap();
        node.advance(Duration::from_mins(5));
        let expired = (Code::Unauthenticated, "TOKEN_EXPIRED", None);
        refused_everywhere(&node, &late, "default", &id, expired).await;
        // A token of an operator is none for the account's own service.
        let stolen = node.client().with(chief.token.as_deref().unwrap());
        assert_refused(stolen.current().await, Code::Unauthenticated, "TOKEN_INVALID");
        node.client().with(&own).current().await.unwrap();
    }

    async fn az_01_each_method_takes_its_scope_and_no_other(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let stranger = node.client();
        for (number, (scope, _)) in METHODS.into_iter().enumerate() {
            let name = format!("clerk{number}");
            let clerk = office.hire(&name, Rights { scopes: &[scope], ..Rights::default() });
            let id = stranger.join(&format!("user{number}")).await.account.unwrap().id;
            for (wanted, action) in METHODS {
                let done = call(&clerk, action, "default", &id).await;
                if wanted == scope {
                    // The realm `default` has no attributes, and that is told to who may know.
                    let is_done = done.as_ref().map_or_else(reason, |()| String::from("OK"));
                    let expected = if action == "set_attributes" { "INVALID_FIELD" } else { "OK" };
                    assert_eq!(is_done, expected, "{action} with {scope}");
                } else {
                    assert_refused(done, Code::PermissionDenied, "SCOPE_MISSING");
                }
            }
        }
    }

    async fn az_01_who_may_act_in_one_realm_learns_nothing_of_another(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let id = node.client().join("ada").await.account.unwrap().id;
        let clerk = office.hire("clerk", Rights {
            scopes: &Scope::ALL,
            realms: Some(&["customer"]),
            ..Rights::default()
        });
        let refused = (Code::PermissionDenied, "SCOPE_MISSING", Some("clerk"));
        for realm in ["default", "", "school", "no-such-realm"] {
            refused_everywhere(&node, &clerk, realm, &id, refused).await;
        }
        // An id of another realm is nobody's in the clerk's own.
        let missed = call(&clerk, "get_account", "customer", &id).await;
        assert_refused(missed, Code::NotFound, "ACCOUNT_NOT_FOUND");
        let chief = office.chief();
        let unknown = call(&chief, "list_accounts", "no-such-realm", &id).await;
        assert_refused(unknown, Code::NotFound, "REALM_UNKNOWN");
    }

    async fn az_01_who_may_act_in_one_realm_does_not_touch_what_all_share(engines) {
        let ground = Ground::with(engines, |settings| settings.limits.address_burst = 50).await;
        let node = ground.node().await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let clerk = office.hire("clerk", Rights {
            scopes: &Scope::ALL,
            realms: Some(&["default"]),
            ..Rights::default()
        });
        let peer_address = String::from("192.0.2.7");
        let ask = proto::GetLimitsRequest { peer_address: peer_address.clone(), ..Default::default() };
        let give = proto::ResetLimitRequest {
            peer_address,
            limit: String::from("address"),
            ..Default::default()
        };
        assert_eq!(chief.get_limits(ask.clone()).await.unwrap().limits[0].name, "address");
        chief.reset_limit(give.clone()).await.unwrap();
        assert_eq!(clerk.get_limits(ask).await.unwrap().limits, []);
        assert_refused(clerk.reset_limit(give).await, Code::NotFound, "LIMIT_NOT_FOUND");
    }

    async fn ov_04_strangers_are_limited_by_address_and_operators_are_not(engines) {
        let ground = Ground::with(engines, |settings| {
            settings.limits.address_burst = 3;
            settings.limits.address_period = Duration::from_hours(1);
        })
        .await;
        let node = ground.node().await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let stranger = office.with(Some("op_guessed"));
        for _ in 0..3 {
            let refused = stranger.get_account(by_id("x")).await;
            assert_refused(refused, Code::Unauthenticated, "TOKEN_INVALID");
        }
        let before = events(&node).await.len();
        for (_, action) in METHODS {
            let refused = call(&stranger, action, "default", "x").await;
            assert_refused(refused, Code::ResourceExhausted, "RATE_LIMITED");
        }
        assert_eq!(events(&node).await.len(), before, "an event of what was not decided");
        for _ in 0..5 {
            chief.list_accounts(proto::ListAccountsRequest::default()).await.unwrap();
        }
    }

    async fn az_01_who_was_dismissed_is_refused_on_the_next_call(engines) {
        let node = start(engines).await;
        let office = Office::open(&node).await;
        let id = node.client().join("ada").await.account.unwrap().id;
        let chief = office.chief();
        call(&chief, "get_account", "default", &id).await.unwrap();
        assert!(operators::remove(&office.file, "chief").unwrap());
        let gone = call(&chief, "get_account", "default", &id).await;
        assert_refused(gone, Code::Unauthenticated, "TOKEN_INVALID");
        // Nobody is one by a file that cannot be read.
        std::fs::write(&office.file, "[[operators]]\nname = 7\n").unwrap();
        let broken = call(&chief, "get_account", "default", &id).await;
        assert_refused(broken, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
        std::fs::remove_file(&office.file).unwrap();
        let missing = call(&chief, "get_account", "default", &id).await;
        assert_refused(missing, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
    }
}
