//! The events of all calls: one for each decision, and no more.

use std::collections::BTreeMap;

use accountd::{proto::RefreshRequest, store::audit_event};
use prost::Message as _;
use sea_orm::{DatabaseConnection, EntityTrait as _};

use super::super::world::{Decision, World};

/// Calls whose every decision leaves an event, and what it is called there.
const AUDITED: [(&str, &str); 10] = [
    ("Register", "register"),
    ("VerifyOtp", "verify_otp"),
    ("Login", "login"),
    ("Refresh", "refresh"),
    ("Logout", "logout"),
    ("Update", "update"),
    ("Delete", "delete"),
    ("ResetPassword", "reset_password"),
    ("RevokeSession", "logout"),
    ("UploadProfilePicture", "upload_picture"),
];

/// The outcomes of events, by the id of their call.
struct Events(BTreeMap<String, Vec<(String, String)>>);

impl Events {
    fn of(&self, id: &str) -> &[(String, String)] {
        self.0.get(id).map_or(&[], Vec::as_slice)
    }

    /// How often a call was allowed what it asked for.
    fn done(&self, id: &str) -> usize {
        let outcomes = self.of(id).iter();
        outcomes.filter(|(_, outcome)| outcome == "OK").count()
    }

    /// Whether all that a call has left is this outcome, or nothing where that is none.
    fn are(&self, id: &str, action: &str, outcome: Option<&str>) -> bool {
        let left = self.of(id).iter();
        let left = left.map(|(action, outcome)| (action.as_str(), outcome.as_str()));
        left.eq(outcome.map(|outcome| (action, outcome)))
    }
}

/// Each decision has left exactly one event, and no call more than one.
pub(in super::super) async fn check(world: &World, db: &DatabaseConnection) {
    let mut events = Events(BTreeMap::new());
    for event in audit_event::Entity::find().all(db).await.unwrap() {
        let outcomes = events.0.entry(event.request_id).or_default();
        outcomes.push((event.action, event.outcome));
    }
    let broken = |text: &str| world.history.break_off("audit", "LC-06", text);
    for (id, left) in &events.0 {
        if left.len() > 1 {
            return broken(&format!("{id} has left {left:?}"));
        }
    }
    let decisions = world.decisions.lock().unwrap();
    // Twins share what was done.
    let mut done_of: BTreeMap<(&str, &[u8]), usize> = BTreeMap::new();
    for decision in decisions.iter() {
        let done = decision.attempts.iter().map(|id| events.done(id));
        *done_of.entry(key(decision)).or_default() += done.sum::<usize>();
    }
    for decision in decisions.iter() {
        let Some((_, action)) = AUDITED.iter().find(|(name, _)| *name == decision.method) else {
            continue;
        };
        world.history.count("* decisions audited");
        if !is_right(&events, decision, action, done_of[&key(decision)]) {
            let left: Vec<_> = decision.attempts.iter().map(|id| events.of(id)).collect();
            return broken(&format!(
                "{:?} ended with {:?}; they have left {left:?}",
                decision.attempts, decision.refused
            ));
        }
    }
}

fn key(decision: &Decision) -> (&str, &[u8]) {
    (decision.method, &decision.message)
}

fn is_right(events: &Events, decision: &Decision, action: &str, done: usize) -> bool {
    let Some((last, before)) = decision.attempts.split_last() else {
        return false;
    };
    let Some(reason) = &decision.refused else {
        if !is_named(decision) {
            return events.are(last, action, Some("OK"));
        }
        // What was done once is answered again without another event, and never refused on the way.
        let is_clean =
            |id: &String| events.are(id, action, None) || events.are(id, action, Some("OK"));
        return done == 1 && decision.attempts.iter().all(is_clean);
    };
    let own: usize = before.iter().map(|id| events.done(id)).sum();
    own == 0
        && match reason.as_str() {
            // These come before the operation.
            "TOKEN_EXPIRED" | "TOKEN_INVALID" => events.are(last, action, None),
            // And these from there, or from within it.
            "TOKEN_REVOKED" | "ACCOUNT_DELETED" => {
                events.are(last, action, None) || events.are(last, action, Some(reason))
            }
            reason => events.are(last, action, Some(reason)),
        }
}

/// Whether a call is known again by a request id, as all but some refreshes are.
fn is_named(decision: &Decision) -> bool {
    decision.method != "Refresh"
        || RefreshRequest::decode(decision.message.as_slice())
            .is_ok_and(|message| !message.request_id.is_empty())
}
