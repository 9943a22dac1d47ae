//! Rotation without an operator.

use std::{process::Command, sync::Barrier, time::Duration};

use accountd::{
    backend::Clock,
    keys::{self, Algorithm, Kind, Rotated, Schedule},
};
use tokio::time::{Instant, sleep};

use crate::support::{
    binary,
    key_directory::{ACTIVATION_DELAY, KEEP, KeyDirectory},
    served::Served,
};

const MONTH: Duration = Duration::from_hours(30 * 24);

const MONTHLY: Schedule = Schedule {
    signing: Some(MONTH),
    secrets: None,
};

fn follow(directory: &KeyDirectory, schedule: &Schedule) -> Rotated {
    let (path, now) = (directory.path(), directory.clock.now());
    keys::follow(path, schedule, &directory.rotation, now, &directory.random).unwrap()
}

#[test]
fn tk_16_a_signing_key_is_followed_and_removed_by_schedule() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let old = directory.load().signing().id().clone();
    assert_eq!(follow(&directory, &MONTHLY), Rotated::default());

    directory.clock.advance(MONTH);
    let rotated = follow(&directory, &MONTHLY);
    let [(Kind::Signing, new)] = &rotated.added[..] else {
        panic!("one signing key: {rotated:?}");
    };
    assert!(rotated.removed.is_empty());
    assert_eq!(follow(&directory, &MONTHLY), Rotated::default(), "once");

    directory.clock.advance(ACTIVATION_DELAY);
    assert_eq!(directory.load().signing().id(), new);
    assert_eq!(follow(&directory, &MONTHLY), Rotated::default());
    directory.clock.advance(KEEP);
    assert_eq!(follow(&directory, &MONTHLY).removed, [old]);
    assert_eq!(follow(&directory, &MONTHLY), Rotated::default());
}

#[test]
fn secrets_have_a_schedule_of_their_own_and_stay() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let schedule = Schedule {
        signing: None,
        secrets: Some(MONTH),
    };
    for count in 2..5 {
        directory.clock.advance(MONTH);
        let rotated = follow(&directory, &schedule);
        assert_eq!(rotated.added.len(), 1);
        assert_eq!(rotated.removed, []);
        let keys = directory.load();
        assert_eq!(keys.secret_ids().len(), count);
    }
}

#[test]
fn nothing_is_due_without_a_schedule() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    directory.rotate();
    directory.clock.advance(MONTH * 100);
    assert!(Schedule::default().is_empty());
    assert_eq!(follow(&directory, &Schedule::default()), Rotated::default());
}

#[test]
fn of_many_on_one_directory_one_rotates() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    directory.clock.advance(MONTH);
    let both = Schedule {
        signing: Some(MONTH),
        secrets: Some(MONTH),
    };
    let begin = Barrier::new(8);
    let added: usize = std::thread::scope(|scope| {
        let one = || {
            begin.wait();
            follow(&directory, &both).added.len()
        };
        let all: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
        all.into_iter().map(|one| one.join().unwrap()).sum()
    });
    assert_eq!(added, 2, "one of each kind");
}

#[tokio::test]
async fn two_processes_on_one_directory_rotate_once() {
    let directory = KeyDirectory::at(Clock::System.now(), Algorithm::EdDsa);
    let path = directory.path().display().to_string();
    let variables = [
        ("ACCOUNTD_KEYS__DIRECTORY", &*path),
        ("ACCOUNTD_KEYS__RELOAD", "1s"),
        ("ACCOUNTD_KEYS__ROTATE_SIGNING_EVERY", "30d"),
    ];
    let start = async || {
        let home = std::sync::Arc::new(tempfile::tempdir().unwrap());
        Served::start_in(home, Command::new(binary::path()), &variables).await
    };
    let nodes = [start().await, start().await];
    let count = |words: &str| {
        let logs = nodes.iter().map(Served::log);
        logs.map(|log| log.matches(words).count()).sum::<usize>()
    };
    // By its name, it is a month old now.
    let old = directory.path().join("signing/20200101T000000Z-0000.pem");
    std::fs::rename(directory.signing_file(), old).unwrap();
    let end = Instant::now() + Duration::from_mins(2);
    let is_told = || {
        let words = "keys were read again and have changed";
        nodes.iter().all(|node| node.log().contains(words))
    };
    while !is_told() || count("a key was added by schedule") == 0 {
        assert!(Instant::now() < end, "{}{}", nodes[0].log(), nodes[1].log());
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(count("a key was added by schedule"), 1);
    let listed = keys::list(directory.path(), ACTIVATION_DELAY, Clock::System.now()).unwrap();
    let signing = listed.iter().filter(|key| key.kind == Kind::Signing);
    assert_eq!(signing.count(), 2);
    assert_eq!(listed.len(), 3, "the secret has no schedule");
}
