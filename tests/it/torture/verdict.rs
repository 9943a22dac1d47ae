//! What is looked at when all is quiet again: durability, letters, audit events.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use accountd::store::audit_event;
use sea_orm::{DatabaseConnection, EntityTrait as _};
use tokio::time::{Instant, sleep};

use super::{
    person::Person,
    world::{Decision, World},
};

/// How long letters that were refused may take to come.
const LETTERS: Duration = Duration::from_secs(90);
/// Copies of one letter that may reach an address.
const COPIES: usize = 3;
/// Dead tokens that are tried at the end, at the most.
const DEAD: usize = 2000;
/// Calls whose every decision leaves an event.
const AUDITED: [&str; 8] = [
    "Register",
    "VerifyOtp",
    "Login",
    "Logout",
    "Update",
    "Delete",
    "ResetPassword",
    "RevokeSession",
];

/// Everything that was acknowledged is there, and nothing that was ended works.
pub(super) async fn accounts(people: &mut [Person]) {
    for person in people.iter_mut() {
        if person.account_id.is_empty() {
            continue;
        }
        for place in (0..person.sessions.len()).rev() {
            person.exchange(place).await;
            let found = person.current(place).await;
            let is_right =
                matches!(&found, Some(Ok(account)) if account.full_name == person.full_name);
            if !is_right {
                person.broken("I6", format!("at the end it is {found:?}"));
            }
        }
        let password = person.password.clone();
        person.log_in(&password).await;
        let password = person.bad_password();
        person.log_in(&password).await;
    }
    let Some(person) = people.first_mut() else {
        return;
    };
    let world = Arc::clone(&person.world);
    let count = world.dead.lock().unwrap().len();
    let step = count.div_ceil(DEAD).max(1);
    for number in (0..count).step_by(step) {
        person.check_dead_at(Some(number)).await;
    }
}

/// Every code that was acknowledged has come, at most three times, and each copy is the same.
pub(super) async fn letters(world: &World, patience: Option<Duration>) {
    let since = Instant::now();
    while let Some(text) = world.missing_letter() {
        if since.elapsed() > patience.unwrap_or(LETTERS) {
            world.history.break_off("relay", "I6", &text);
            return;
        }
        sleep(Duration::from_millis(200)).await;
    }
    for (address, letters) in world.post.all() {
        let mut copies: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
        for letter in letters {
            copies.entry(letter.id).or_default().push(letter.code);
        }
        for codes in copies.values() {
            world.history.count("* letters");
            let is_one = codes.iter().all(|code| *code == codes[0]);
            if codes.len() > COPIES || !is_one {
                let text = format!("{codes:?} came to {address}");
                world.history.break_off("relay", "copies", &text);
            }
        }
    }
}

/// Each decision has left exactly one event.
pub(super) async fn audit(world: &World, db: &DatabaseConnection) {
    let mut events: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in audit_event::Entity::find().all(db).await.unwrap() {
        let outcomes = events.entry(event.request_id).or_default();
        outcomes.push(event.outcome);
    }
    let decisions = world.decisions.lock().unwrap();
    let of = |id: &String| events.get(id).map_or(&[][..], Vec::as_slice);
    let times_done = |decision: &Decision| -> usize {
        let done = |id| of(id).iter().filter(|outcome| *outcome == "OK").count();
        decision.attempts.iter().map(done).sum()
    };
    // Twins share what was done.
    let mut done_of: BTreeMap<&[u8], usize> = BTreeMap::new();
    for decision in decisions.iter() {
        *done_of.entry(&decision.message).or_default() += times_done(decision);
    }
    for decision in decisions.iter() {
        if !AUDITED.contains(&decision.method) {
            continue;
        }
        world.history.count("* decisions audited");
        let done = done_of[decision.message.as_slice()];
        let last = of(decision.attempts.last().unwrap());
        let is_right = match &decision.refused {
            None => done == 1,
            Some(reason) if is_undecided(reason) => done == 0,
            Some(reason) => done == 0 && last == [reason.clone()],
        };
        if !is_right {
            let text = format!(
                "{} ended with {:?}; its attempts have left {:?}",
                decision.method,
                decision.refused,
                decision.attempts.iter().map(of).collect::<Vec<_>>()
            );
            world.history.break_off("audit", "LC-06", &text);
            return;
        }
    }
}

/// Refusals that say nothing of anybody's right, or come before the operation.
fn is_undecided(reason: &str) -> bool {
    reason.starts_with("TOKEN_")
        || [
            "CODE_QUOTA_EXCEEDED",
            "CODE_RESEND_TOO_SOON",
            "ACCOUNT_DELETED",
        ]
        .contains(&reason)
}
