//! Removing a key by its id, and what still lives by it.

use std::time::Duration;

use accountd::{
    command::keys::{Keys as Command, Uses, tell},
    keys::{self, Algorithm, Id, Kind},
};

use crate::support::{
    client::PASSWORD,
    key_directory::{ACTIVATION_DELAY, KEEP, KeyDirectory},
    service::{Ground, on_both_engines},
};

fn retire(directory: &KeyDirectory, id: &Id, force: bool) -> Result<String, String> {
    let id = id.to_string();
    let command = Command::Retire { id, force };
    tell(&command, &directory.place(), None, &directory.random).map_err(|error| error.to_string())
}

fn ids(directory: &KeyDirectory, kind: Kind) -> Vec<Id> {
    let listed = keys::list(directory.path(), ACTIVATION_DELAY, directory.clock.now()).unwrap();
    let of_kind = listed.into_iter().filter(|key| key.kind == kind);
    of_kind.map(|key| key.id).collect()
}

#[test]
fn tk_16_a_signing_key_is_kept_for_the_tokens_that_it_signed() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let old = ids(&directory, Kind::Signing).remove(0);
    assert!(
        retire(&directory, &old, false)
            .unwrap_err()
            .contains("is in use")
    );
    assert!(
        retire(&directory, &old, true)
            .unwrap_err()
            .contains("is in use")
    );

    directory.rotate();
    directory.clock.advance(ACTIVATION_DELAY);
    let told = retire(&directory, &old, false).unwrap_err();
    assert!(
        told.contains("tokens signed with it") && told.contains("--force"),
        "{told}"
    );
    directory.clock.advance(KEEP);
    let told = retire(&directory, &old, false).unwrap();
    assert!(
        told.starts_with(&format!("removed signing key {old}\n")),
        "{told}"
    );
    assert_eq!(ids(&directory, Kind::Signing).len(), 1);
    assert!(
        retire(&directory, &old, false)
            .unwrap_err()
            .contains("there is no key")
    );
}

#[test]
fn a_stolen_key_goes_at_once() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let old = ids(&directory, Kind::Signing).remove(0);
    directory.rotate();
    directory.clock.advance(ACTIVATION_DELAY);
    retire(&directory, &old, true).unwrap();
    assert!(!ids(&directory, Kind::Signing).contains(&old));
}

#[test]
fn what_is_no_id_names_no_file() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    for id in ["", "../signing/20261121T021459Z-0000", "20261121T021459Z"] {
        let command = Command::Retire {
            id: id.to_owned(),
            force: true,
        };
        let refused = tell(&command, &directory.place(), None, &directory.random).unwrap_err();
        assert!(refused.to_string().contains("is no id"), "{refused}");
    }
}

on_both_engines! {
    async fn what_lives_by_a_secret_is_counted(engines) {
        let mut ground = Ground::new(engines).await.with_own_keys();
        ground.has_pepper = true;
        let node = ground.node().await;
        let client = node.client();
        client.joined("ada").await;
        client.joined("ben").await;
        let path = ground.path().join("keys");
        let list = || keys::list(&path, Duration::ZERO, ground.clock.now()).unwrap();
        let listed = list();
        let (old, rotation) = (ground.keys.secret_id(), keys::Rotation {
            algorithm: Algorithm::EdDsa,
            activation_delay: Duration::ZERO,
            keep: KEEP,
        });
        let now = ground.clock.now();
        keys::rotate(&path, &[Kind::Secret], &rotation, now, &node.app.random).unwrap();
        ground.clock.advance(Duration::from_secs(2));
        ground.keys.reload().unwrap();
        let new = ground.keys.secret_id();
        assert_ne!(old, new);

        // Whoever logs in moves on to the new pepper.
        client.login("ada", PASSWORD).await.unwrap();
        let uses = Uses::count(&node.app.db, &list()).await.unwrap();
        let by = |id: &str| uses.by(&Id::parse(id).unwrap());
        assert_eq!((by(&old).sessions, by(&old).passwords), (2, 1));
        assert_eq!((by(&new).sessions, by(&new).passwords), (1, 1));
        assert!(uses.lost().is_nothing());

        let place = accountd::command::keys::Place {
            directory: path.clone(),
            rotation,
            now: ground.clock.now() + Duration::from_hours(25),
        };
        let command = Command::Retire { id: old.clone(), force: false };
        let refused = tell(&command, &place, Some(&uses), &node.app.random).unwrap_err();
        assert!(refused.to_string().contains("sessions: 2, passwords: 1"), "{refused}");
        let told = tell(&Command::List { uses: true }, &place, Some(&uses), &node.app.random);
        assert!(told.unwrap().contains("sessions: 1, passwords: 1"));

        // By the clock or the settings of this machine the new one waits; nodes have begun to use it.
        let behind = accountd::command::keys::Place {
            rotation: keys::Rotation { activation_delay: Duration::from_hours(48), ..rotation },
            now: ground.clock.now(),
            ..place.clone()
        };
        let command = Command::Retire { id: new, force: false };
        let refused = tell(&command, &behind, Some(&uses), &node.app.random).unwrap_err();
        assert!(refused.to_string().contains("sessions: 1, passwords: 1"), "{refused}");

        // As if the new one had been lost.
        let uses = Uses::count(&node.app.db, &listed).await.unwrap();
        assert_eq!((uses.lost().sessions, uses.lost().passwords), (1, 1));
        let told = tell(&Command::List { uses: true }, &place, Some(&uses), &node.app.random);
        assert!(told.unwrap().contains("that are not here"));
    }
}
