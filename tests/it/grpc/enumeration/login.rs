//! A name that nobody has and a wrong password look alike, and cost alike (I15).

use std::time::{Duration, Instant};

use accountd::proto::{LoginRequest, login_request::Identifier};

use crate::support::{
    client::Client,
    likeness::likeness,
    service::{Ground, Node, on_both_engines, start},
};

/// Enough for a median, few enough for a small machine.
const SAMPLES: usize = 25;

fn attempt(client: &Client, identifier: Identifier) -> tonic::Request<LoginRequest> {
    client.request(LoginRequest {
        identifier: Some(identifier),
        password: String::from("not the password"),
        ..LoginRequest::default()
    })
}

fn by_name(name: &str) -> Identifier {
    Identifier::Username(name.to_owned())
}

async fn timed(client: &Client, name: &str) -> Duration {
    let request = attempt(client, by_name(name));
    let begun = Instant::now();
    client.rpc.clone().login(request).await.unwrap_err();
    begun.elapsed()
}

/// The medians of calls that take turns, so that whatever else the machine does falls on both alike. Each is first as
/// often as second: the threads that hash take turns, too.
async fn medians(node: &Node) -> [Duration; 2] {
    let client = node.client();
    let names = ["ada", "nobody"];
    let mut times = [const { Vec::new() }; 2];
    for round in 0..SAMPLES {
        for turn in [round % 2, 1 - round % 2] {
            times[turn].push(timed(&client, names[turn]).await);
        }
    }
    times.map(|mut times| {
        times.sort();
        times[SAMPLES / 2]
    })
}

on_both_engines! {
    async fn en_01_nobody_is_answered_as_a_wrong_password(engines) {
        let node = start(engines).await;
        let client = node.client();
        client.join("ada").await;
        client.pending("bob").await;
        let email = |email: &str| Identifier::Email(email.to_owned());
        let mut answers = Vec::new();
        for identifier in [
            by_name("ada"),
            by_name("bob"),
            by_name("eve"),
            by_name("no name at all\u{200b}"),
            email("ada@example.com"),
            email("bob@example.com"),
            email("eve@example.com"),
        ] {
            let request = attempt(&client, identifier);
            answers.push(likeness(&client.rpc.clone().login(request).await));
        }
        assert!(answers[0].contains("INVALID_CREDENTIALS"), "{}", answers[0]);
        for answer in &answers {
            assert_eq!(answer, &answers[0]);
        }
    }

    async fn en_01_nobody_costs_the_same_work(engines) {
        let node = start(engines).await;
        let client = node.client();
        client.join("ada").await;
        let mut work = Vec::new();
        for name in ["ada", "eve"] {
            let before = node.app.hashing.tally();
            timed(&client, name).await;
            let after = node.app.hashing.tally();
            work.push((after.executed - before.executed, after.kib_passes - before.kib_passes));
        }
        assert_eq!(work[0].0, 1, "one hash");
        assert_eq!(work[0], work[1]);
    }

    /// The catalogue asks for ten thousand calls on a quiet machine. Here a difference of a fifth is looked for, and only
    /// one that shows five times in a row counts.
    async fn en_01_nobody_takes_the_same_time(engines) {
        let mut ground = Ground::new(engines).await;
        // A hash that takes most of the call, as in production: without it a missing one would not show.
        ground.hash_memory_kib = 16 * 1024;
        let node = ground.node().await;
        node.client().join("ada").await;
        let mut seen = Vec::new();
        for _ in 0..5 {
            let [known, unknown] = medians(&node).await;
            if known.abs_diff(unknown) * 5 <= known.max(unknown) {
                return;
            }
            seen.push([known, unknown]);
        }
        panic!("known and unknown names take different times: {seen:?}");
    }
}
