//! Login, against the hash of a password alone.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use crate::{
    Bench, hasher,
    support::{
        people::{self, Person},
        process::Process,
        rounds::{Load, call},
        server::{Accountd, Production},
    },
};

/// Enough that none of them meets the cap of sessions at each login.
const PEOPLE: usize = 64;
const CONNECTIONS: usize = 4;
/// More than there are threads that hash, so that none of them waits.
const LANES: usize = 8;

/// On SQLite and memory.
pub(crate) async fn embedded(bench: &Bench) {
    let server = Accountd::start(&bench.binary, &[]);
    measure(bench, "Login, embedded default", &server).await;
}

/// On PostgreSQL and Redis.
pub(crate) async fn production(bench: &Bench) {
    let production = Production::start(&bench.binary).await;
    measure(bench, "Login, PostgreSQL + Redis", &production.server).await;
}

async fn measure(bench: &Bench, figure: &str, server: &Accountd) {
    let people = people::sign_up(server, PEOPLE).await;
    let ours = load(&server.process, &people, LANES).await;
    hasher::compare(bench, figure, &ours, 0.95).await;
}

/// They log in by turns, so many at a time.
pub(crate) async fn load<'a>(server: &'a Process, people: &[Person], lanes: usize) -> Load<'a> {
    let channels = server.channels(CONNECTIONS).await;
    let people = people::over(people, &channels);
    let turn = Arc::new(AtomicUsize::new(0));
    Load {
        server,
        lanes,
        call: call(move |_| {
            let turn = turn.fetch_add(1, Ordering::Relaxed);
            let Person {
                mut rpc, username, ..
            } = people[turn % people.len()].clone();
            async move {
                let answer = rpc.login(people::login(&username)).await.unwrap();
                assert!(answer.into_inner().tokens.is_some(), "no tokens");
            }
        }),
    }
}
