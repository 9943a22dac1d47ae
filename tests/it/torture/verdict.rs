//! What is looked at when all is quiet again: durability, letters, tables, audit events.

pub(super) mod audit;
pub(super) mod tables;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};

use super::{history::WHO, person::Person, world::World};

/// How long letters that were refused may take to come.
const LETTERS: Duration = Duration::from_secs(90);
/// Copies of one letter that may reach an address.
const COPIES: usize = 3;
/// Dead tokens that are tried at the end, at the most.
const DEAD: usize = 2000;
/// Names of nobody that are tried at the end, at the most.
const GONE: usize = 100;

/// Everything that was acknowledged is there, and nothing that was ended works.
pub(super) async fn accounts(people: &mut [Person]) {
    for person in people.iter_mut() {
        WHO.scope(person.who.clone(), own(person)).await;
    }
    if let Some(person) = people.first_mut() {
        WHO.scope(person.who.clone(), ended(person)).await;
    }
}

/// A person finds their account as they left it.
async fn own(person: &mut Person) {
    if person.account_id.is_empty() {
        return;
    }
    for place in (0..person.sessions.len()).rev() {
        person.exchange(place).await;
        match person.current(place).await {
            Some(Ok(account)) => person.compare(&account),
            other => person.broken("I6", format!("at the end it is {other:?}")),
        }
    }
    let password = person.password.clone();
    person.log_in(&password).await;
    let password = person.bad_password();
    person.log_in(&password).await;
    if let Some(place) = person.any_session() {
        person.list(place).await;
    }
}

/// Tokens and names that are nobody's any more are tried, whoever had them.
async fn ended(person: &mut Person) {
    let world = Arc::clone(&person.world);
    let count = world.dead.lock().unwrap().len();
    for number in (0..count).step_by(count.div_ceil(DEAD).max(1)) {
        person.check_dead_at(number).await;
    }
    let gone = world.gone.lock().unwrap().clone();
    for one in gone.iter().step_by(gone.len().div_ceil(GONE).max(1)) {
        person.must_be_nobody(one).await;
    }
}

/// Every code that was acknowledged has come, and no other; at most three times, and each copy is the same.
pub(super) async fn letters(world: &World, patience: Option<Duration>) {
    let since = Instant::now();
    while let Some(text) = world.missing_letter() {
        if since.elapsed() > patience.unwrap_or(LETTERS) {
            world.history.break_off("relay", "I6", &text);
            return;
        }
        sleep(Duration::from_millis(200)).await;
    }
    // Each was asked for under a request id, so that no try sends another. None was left undecided.
    if let Some(text) = world.spare_letter() {
        world.history.break_off("relay", "I10", &text);
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
