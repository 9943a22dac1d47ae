//! What operators are shown, in the words of the contract.

use crate::{
    admin::{Record, limits::Limit},
    backend::Timestamp,
    grpc::answers,
    proto,
    store::audit_event,
};

pub(super) fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub(super) fn record(record: Record, scheme: String) -> proto::AccountRecord {
    let sessions = record.sessions;
    proto::AccountRecord {
        password_scheme: scheme,
        password_change_required: record.account.password_change_required,
        live_sessions: i32::try_from(sessions.count).unwrap_or(i32::MAX),
        last_active_time: sessions.refreshed_at.map(millis),
        account: Some(answers::account(record.account)),
    }
}

pub(super) fn event(row: audit_event::Model) -> proto::AuditEvent {
    let text = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    proto::AuditEvent {
        id: row.id.to_string(),
        time: Some(millis(row.at)),
        realm: row.realm,
        account_id: text(row.account_id),
        session_id: text(row.session_id),
        action: row.action,
        outcome: row.outcome,
        peer_address: row.peer_address,
        request_id: row.request_id,
        operator: row.operator.unwrap_or_default(),
        detail: row.detail.unwrap_or_default(),
    }
}

pub(super) fn limit(limit: Limit) -> proto::Limit {
    let count = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    proto::Limit {
        name: limit.name,
        used: count(limit.used),
        most: count(limit.most),
        retry_time: limit.retry_at.map(millis),
        full_time: limit.full_at.map(millis),
    }
}

fn millis(at: i64) -> prost_types::Timestamp {
    answers::timestamp(Timestamp::from_millis(at))
}
