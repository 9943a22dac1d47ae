//! People who use both nodes without a pause, and are refused nothing.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use accountd::proto::Tokens;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

use super::until;
use crate::support::{
    client::{Client, PASSWORD},
    cluster::Cluster,
};

/// Between two things that one of them does.
const PAUSE: Duration = Duration::from_millis(20);
/// A token of half a minute is used for no longer, on a machine that may stand still for a while.
const FRESH: Duration = Duration::from_secs(10);
/// So often each of them does it before the drill goes on.
const ROUNDS: u64 = 5;

/// One who does one thing over and over, on each node in turn.
struct Person {
    nodes: [Client; 2],
    turn: usize,
    done: Arc<AtomicU64>,
    stop: CancellationToken,
}

/// All of them.
pub(super) struct People {
    tasks: JoinSet<()>,
    done: Vec<Arc<AtomicU64>>,
    stop: CancellationToken,
}

impl People {
    /// They join, and begin.
    pub(super) async fn start(cluster: &Cluster) -> Self {
        let mut people = Self {
            tasks: JoinSet::new(),
            done: Vec::new(),
            stop: CancellationToken::new(),
        };
        let client = cluster.node(0).client();
        for name in ["ada", "ben"] {
            client.join(name).await;
        }
        let cleo = client.join("cleo").await.tokens.unwrap();
        let ada = people.person(cluster);
        people.tasks.spawn(ada.logs_in());
        let ben = people.person(cluster);
        people.tasks.spawn(ben.calls());
        let person = people.person(cluster);
        people.tasks.spawn(person.refreshes(cleo));
        let newcomers = people.person(cluster);
        people.tasks.spawn(newcomers.register());
        people
    }

    fn person(&mut self, cluster: &Cluster) -> Person {
        let done = Arc::<AtomicU64>::default();
        self.done.push(Arc::clone(&done));
        Person {
            nodes: [cluster.node(0).client(), cluster.node(1).client()],
            turn: 0,
            done,
            stop: self.stop.clone(),
        }
    }

    /// Waits until each of them has done what they do a few times more.
    pub(super) async fn go_on(&mut self) {
        let count = |done: &Arc<AtomicU64>| done.load(Ordering::Relaxed);
        let before: Vec<u64> = self.done.iter().map(count).collect();
        until("everybody goes on", async || {
            let now = self.done.iter().map(count);
            now.zip(&before).all(|(now, before)| now >= before + ROUNDS)
        })
        .await;
        while let Some(ended) = self.tasks.try_join_next() {
            ended.unwrap();
        }
    }

    /// Lets them end, each after something whole.
    pub(super) async fn finish(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
    }
}

impl Person {
    /// The next node, unless it is time to end.
    async fn next(&mut self) -> Option<Client> {
        sleep(PAUSE).await;
        self.turn += 1;
        (!self.stop.is_cancelled()).then(|| self.nodes[self.turn % 2].clone())
    }

    /// The node that is not the last one's.
    fn other(&self) -> &Client {
        &self.nodes[(self.turn + 1) % 2]
    }

    fn count(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    async fn logs_in(mut self) {
        while let Some(node) = self.next().await {
            let Some(answer) = granted("login", node.login("ada", PASSWORD)).await else {
                continue;
            };
            let token = answer.tokens.unwrap().access_token;
            if granted("call after login", self.other().with(&token).current())
                .await
                .is_some()
            {
                self.count();
            }
        }
    }

    async fn calls(mut self) {
        let mut token: Option<(String, Instant)> = None;
        while let Some(node) = self.next().await {
            let fresh = token.take().filter(|(_, since)| since.elapsed() < FRESH);
            let (text, since) = if let Some(fresh) = fresh {
                fresh
            } else {
                let since = Instant::now();
                let Some(answer) = granted("login", node.login("ben", PASSWORD)).await else {
                    continue;
                };
                (answer.tokens.unwrap().access_token, since)
            };
            if granted("call", self.other().with(&text).current())
                .await
                .is_some()
            {
                self.count();
            }
            token = Some((text, since));
        }
    }

    async fn refreshes(mut self, mut tokens: Tokens) {
        while let Some(node) = self.next().await {
            // After an answer that was lost, the same token gets it again.
            let Some(next) = granted("refresh", node.refresh(&tokens.refresh_token)).await else {
                continue;
            };
            tokens = next;
            let call = self.other().with(&tokens.access_token);
            if granted("call after refresh", call.current())
                .await
                .is_some()
            {
                self.count();
            }
        }
    }

    async fn register(mut self) {
        while let Some(node) = self.next().await {
            let name = format!("newcomer{}", self.turn);
            let Some(answer) = granted("register", node.register(node.registration(&name))).await
            else {
                continue;
            };
            let code = node.code_for(&format!("{name}@example.com")).await;
            let id = answer.account.unwrap().id;
            if granted("code", self.other().activate(&id, &code))
                .await
                .is_some()
            {
                self.count();
            }
        }
    }
}

/// What was answered; none where the machine was too busy for an answer.
///
/// # Panics
/// When it was refused.
async fn granted<T>(what: &str, answer: impl Future<Output = Result<T, Status>>) -> Option<T> {
    match answer.await {
        Ok(answer) => Some(answer),
        Err(status) => {
            let is_busy = matches!(
                status.code(),
                Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted
            );
            assert!(is_busy, "{what} was refused: {status:?}");
            None
        }
    }
}
