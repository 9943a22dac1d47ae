//! Register, against the hash of a password alone.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use accountd::proto::account_service_client::AccountServiceClient;

use crate::{
    Bench, hasher,
    support::{
        people,
        process::Process,
        rounds::{Load, call},
        server::{Accountd, Production},
    },
};

const CONNECTIONS: usize = 4;
/// More than there are threads that hash, so that none of them waits.
const LANES: usize = 8;

/// On SQLite and memory.
pub(crate) async fn embedded(bench: &Bench) {
    let server = Accountd::start(&bench.binary, &[]);
    measure(bench, "Register, embedded default", &server).await;
}

/// On PostgreSQL and Redis.
pub(crate) async fn production(bench: &Bench) {
    let production = Production::start(&bench.binary).await;
    measure(bench, "Register, PostgreSQL + Redis", &production.server).await;
}

async fn measure(bench: &Bench, figure: &str, server: &Accountd) {
    let ours = load(&server.process).await;
    hasher::compare(bench, figure, &ours, 0.90).await;
}

/// Somebody new registers, again and again; a mail with a code is sent to each.
async fn load(server: &Process) -> Load<'_> {
    let channels = server.channels(CONNECTIONS).await;
    let newcomers = Arc::new(AtomicUsize::new(0));
    Load {
        server,
        lanes: LANES,
        call: call(move |lane| {
            let mut rpc = AccountServiceClient::new(channels[lane % CONNECTIONS].clone());
            let number = newcomers.fetch_add(1, Ordering::Relaxed);
            async move {
                let registration = people::registration(&format!("newcomer{number}"));
                let answer = rpc.register(registration).await.unwrap();
                assert!(answer.into_inner().account.is_some(), "no account");
            }
        }),
    }
}
