use std::time::Duration;

use accountd::{
    backend::Timestamp,
    command::keys::{Keys as Command, tell},
    keys::{self, Algorithm, Kind, State},
};

use crate::support::key_directory::{ACTIVATION_DELAY, KEEP, KeyDirectory};

const SECOND: Duration = Duration::from_secs(1);

fn states(directory: &KeyDirectory, kind: Kind) -> Vec<State> {
    keys::list(directory.path(), ACTIVATION_DELAY, directory.clock.now())
        .unwrap()
        .into_iter()
        .filter(|key| key.kind == kind)
        .map(|key| key.state)
        .collect()
}

#[test]
fn the_only_key_works_at_once_whatever_its_age() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let keys = directory.load();
    let kid = keys.signing().id().clone();
    assert_eq!(kid.created() + SECOND, directory.clock.now());
    assert_eq!(states(&directory, Kind::Signing), [State::Current]);
    assert_eq!(states(&directory, Kind::Secret), [State::Current]);
}

#[test]
fn tk_16_a_new_key_waits_then_works_and_the_old_one_retires() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    directory.clock.advance(Duration::from_hours(1));
    let keys = directory.load();
    let (old, old_secret) = (keys.signing().id().clone(), keys.secret_id());

    let rotated = directory.rotate();
    assert!(rotated.removed.is_empty());
    assert!(keys.reload().unwrap());
    assert_eq!(keys.signing().id(), &old, "before every node knows it");
    assert_eq!(keys.secret_id(), old_secret);
    assert_eq!(
        states(&directory, Kind::Signing),
        [State::Current, State::Waiting]
    );

    directory
        .clock
        .advance(ACTIVATION_DELAY.saturating_sub(SECOND));
    assert_eq!(keys.signing().id(), &old);
    directory.clock.advance(SECOND);
    let new = keys.signing().id().clone();
    assert!(rotated.added.contains(&(Kind::Signing, new.clone())));
    assert_ne!(keys.secret_id(), old_secret);
    assert!(keys.verifying(old.as_str()).is_some());
    assert_eq!(
        states(&directory, Kind::Signing),
        [State::Verifying, State::Current]
    );

    directory.clock.advance(KEEP.saturating_sub(SECOND));
    assert!(directory.rotate().removed.is_empty());
    directory.clock.advance(SECOND);
    assert_eq!(directory.rotate().removed, std::slice::from_ref(&old));
    keys.reload().unwrap();
    assert!(keys.verifying(old.as_str()).is_none());
    assert!(keys.verifying(new.as_str()).is_some());
    assert!(
        keys.pepper(&old_secret).is_some(),
        "sessions and passwords live by it"
    );
}

#[test]
fn tk_16_a_second_rotation_in_haste_does_not_skip_the_wait() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let keys = directory.load();
    let old = keys.signing().id().clone();
    for _ in 0..3 {
        directory.rotate();
        directory.clock.advance(SECOND);
    }
    keys.reload().unwrap();
    assert_eq!(keys.signing().id(), &old);
    directory.clock.advance(ACTIVATION_DELAY);
    assert_eq!(
        states(&directory, Kind::Signing),
        [
            State::Verifying,
            State::Verifying,
            State::Verifying,
            State::Current
        ]
    );
}

#[test]
fn tk_16_a_new_key_is_newer_than_the_one_it_follows() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let behind = directory.clock.now() - Duration::from_hours(1);
    let mut last = None;
    for now in [directory.clock.now(), directory.clock.now(), behind] {
        let rotated = directory.rotate_at(now);
        last = rotated
            .added
            .into_iter()
            .find(|(kind, _)| *kind == Kind::Signing);
    }
    directory.clock.advance(Duration::from_hours(1));
    let keys = directory.load();
    assert_eq!(Some((Kind::Signing, keys.signing().id().clone())), last);
}

#[test]
fn tk_16_a_key_from_a_clock_that_runs_ahead_waits() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let keys = directory.load();
    let old = keys.signing().id().clone();
    let ahead = directory.clock.now() + Duration::from_hours(2);
    directory.rotate_at(ahead);
    keys.reload().unwrap();
    directory.clock.advance(Duration::from_hours(2));
    assert_eq!(keys.signing().id(), &old);
    directory.clock.advance(ACTIVATION_DELAY);
    assert_ne!(keys.signing().id(), &old);
}

#[test]
fn tk_16_the_algorithm_changes_with_the_key() {
    let mut directory = KeyDirectory::new(Algorithm::EdDsa);
    directory.rotation.algorithm = Algorithm::Es256;
    directory.rotate();
    let keys = directory.load();
    assert_eq!(keys.signing().algorithm(), Algorithm::EdDsa);
    directory.clock.advance(ACTIVATION_DELAY);
    assert_eq!(keys.signing().algorithm(), Algorithm::Es256);
}

#[test]
fn what_is_stable_outlives_a_rotation() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let keys = directory.load();
    let secret = keys.secret_id();
    let code = keys.code(&secret, &[b"nonce"], 6).unwrap();
    let pseudonym = keys.pseudonym(&[b"default", b"nobody"]);
    let sealed = keys.seal(b"answer", b"request");

    directory.rotate();
    keys.reload().unwrap();
    directory.clock.advance(ACTIVATION_DELAY);

    assert_ne!(keys.secret_id(), secret);
    assert_eq!(keys.code(&secret, &[b"nonce"], 6).unwrap(), code);
    assert_eq!(keys.pseudonym(&[b"default", b"nobody"]), pseudonym);
    assert_eq!(keys.open(&sealed, b"request").unwrap(), b"answer");
}

#[test]
fn px_12_rotation_works_in_2038_and_2100() {
    for seconds in [2_147_558_400, 4_107_542_400] {
        let now = Timestamp::from_millis(seconds * 1000);
        let directory = KeyDirectory::at(now, Algorithm::EdDsa);
        let keys = directory.load();
        let old = keys.signing().id().clone();
        directory.rotate();
        keys.reload().unwrap();
        directory.clock.advance(ACTIVATION_DELAY);
        assert_ne!(keys.signing().id(), &old);
        directory.clock.advance(KEEP);
        assert_eq!(directory.rotate().removed, [old]);
    }
}

#[test]
fn the_command_tells_what_it_did() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let run = |command| tell(&command, &directory.place(), None, &directory.random).unwrap();
    assert!(run(Command::Generate).starts_with("No key was missing."));

    directory.clock.advance(Duration::from_mins(90));
    let rotated = run(Command::Rotate { kind: None });
    assert!(
        rotated.contains("added signing key 20261121T034500Z-"),
        "{rotated}"
    );
    let list = run(Command::List { uses: false });
    let words: Vec<Vec<&str>> = list
        .lines()
        .map(|line| line.split_whitespace().skip(1).collect())
        .collect();
    assert_eq!(
        words,
        [
            vec!["KIND", "ALGORITHM", "STATE", "AGE"],
            vec!["signing", "EdDSA", "current", "1h", "30m", "1s"],
            vec!["signing", "EdDSA", "waiting", "0s"],
            vec!["secret", "-", "current", "1h", "30m", "1s"],
            vec!["secret", "-", "waiting", "0s"],
        ]
    );
}
