//! A node meets what was made with a key that it has not read.

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use accountd::keys::{Algorithm, Keys, Kind};
use tokio::time::sleep;

use crate::support::key_directory::{ACTIVATION_DELAY, KeyDirectory};

/// Keys as a node has them that has not read the newest, and the ids of those.
fn behind(directory: &KeyDirectory) -> (Keys, String, String) {
    let keys = directory.load();
    let added = directory.rotate().added;
    let id = |kind| {
        let (_, id) = added.iter().find(|(added, _)| *added == kind).unwrap();
        id.to_string()
    };
    directory.clock.advance(ACTIVATION_DELAY);
    (keys, id(Kind::Signing), id(Kind::Secret))
}

#[tokio::test]
async fn tk_16_a_key_that_is_met_is_read_at_once() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let (keys, signing, secret) = behind(&directory);
    assert!(keys.verifying(&signing).is_none());
    keys.learn(&signing).await;
    assert!(keys.verifying(&signing).is_some());
    assert!(keys.pepper(&secret).is_some(), "all are read together");
    assert_eq!(keys.signing().id().as_str(), signing);
}

#[tokio::test]
async fn tk_16_all_who_meet_a_key_at_once_know_it_then() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let (keys, signing, secret) = behind(&directory);
    let learning = (0..64).map(|number| {
        let keys = keys.clone();
        let id = if number % 2 == 0 { &signing } else { &secret }.clone();
        async move {
            keys.learn(&id).await;
            keys.verifying(&id).is_some() || keys.pepper(&id).is_some()
        }
    });
    let known = futures_util::future::join_all(learning).await;
    assert_eq!(known, [true; 64]);
}

#[test]
fn tk_16_who_leaves_during_a_look_misleads_nobody() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(1)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let directory = KeyDirectory::new(Algorithm::EdDsa);
        let (keys, signing, _) = behind(&directory);
        // The next look begins a tenth of a second after this one.
        keys.learn("20200101T000000Z-0000").await;
        directory.rotate();
        let newest = directory.rotate().added.remove(0).1.to_string();
        let learn = |id: &str| {
            let (keys, id) = (keys.clone(), id.to_owned());
            tokio::spawn(async move { keys.learn(&id).await })
        };
        // The only thread that reads files stands still.
        let (go_on, wait) = mpsc::channel::<()>();
        let still = tokio::task::spawn_blocking(move || wait.recv());
        let leaves = learn(&newest);
        sleep(Duration::from_millis(20)).await;
        let stays = learn(&newest);
        sleep(Duration::from_millis(300)).await;
        leaves.abort();
        sleep(Duration::from_millis(50)).await;
        assert!(!stays.is_finished(), "nothing has been read yet");
        go_on.send(()).unwrap();
        still.await.unwrap().unwrap();
        stays.await.unwrap();
        let known =
            [&newest, &signing].map(|id| keys.verifying(id).is_some() || keys.pepper(id).is_some());
        assert_eq!(known, [true; 2]);
    });
}

#[tokio::test]
async fn tk_16_a_key_is_met_right_after_a_look_for_another() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let keys = directory.load();
    keys.learn("20200101T000000Z-0000").await;
    let added = directory.rotate().added;
    for (_, id) in added {
        keys.learn(id.as_str()).await;
        let id = id.as_str();
        assert!(keys.verifying(id).is_some() || keys.pepper(id).is_some());
    }
}

#[tokio::test]
async fn tk_03_a_made_up_id_makes_no_key_be_read_again() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let keys = directory.load();
    let before = keys.signing();
    for id in ["20200101T000000Z-0000", "../../etc/passwd", ""] {
        keys.learn(id).await;
    }
    assert!(Arc::ptr_eq(&before, &keys.signing()));
}

#[tokio::test]
async fn a_broken_key_leaves_those_in_use() {
    let directory = KeyDirectory::new(Algorithm::EdDsa);
    let (keys, signing, _) = behind(&directory);
    let before = keys.signing();
    let file = directory.path().join(format!("signing/{signing}.pem"));
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, "half a k").unwrap();
    keys.learn(&signing).await;
    assert!(Arc::ptr_eq(&before, &keys.signing()));
    std::fs::write(&file, whole).unwrap();
    keys.learn(&signing).await;
    assert_eq!(keys.signing().id().as_str(), signing);
}
