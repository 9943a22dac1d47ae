//! PX-04: nodes are replaced one after another, under load.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use accountd::proto::{LoginRequest, RefreshRequest, UpdateRequest, login_request::Identifier};
use tokio::{
    sync::{Mutex, Semaphore},
    task::JoinSet,
    time::{Instant, interval, sleep, timeout},
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::support::{
    client::{Client, PASSWORD},
    cluster::Cluster,
    request_id::request_id,
    service::Engines,
};

/// Two hundred calls a second, as far as the machine keeps up.
const EVERY: Duration = Duration::from_millis(5);
/// Calls under way at a time, so that a busy machine is not buried under what it has not done.
const AT_ONCE: usize = 48;
/// Of the calls wanted, one in so many must have been made.
const FLOOR: u128 = 5;
/// How often a call is tried, as gRPC clients do by their retry policy.
const TRIES: usize = 8;
/// How long one try may take. Who hangs for so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);
/// Who make the calls: many on one account would wait for its row.
const PEOPLE: usize = 12;
const RESTARTS: usize = 20;

/// Somebody with a session that goes on, and an account that they only log in to: an account keeps its newest sessions.
struct Person {
    clients: [Client; 2],
    refresh_token: Mutex<String>,
    visitor: String,
}

impl Person {
    async fn enter(cluster: &Cluster, number: usize) -> Self {
        let client = cluster.node(0).client();
        let joined = client.join(&format!("person{number}")).await;
        let visitor = format!("visitor{number}");
        client.join(&visitor).await;
        let tokens = joined.tokens.unwrap();
        Self {
            clients: [0, 1].map(|node| cluster.node(node).client().with(&tokens.access_token)),
            refresh_token: Mutex::new(tokens.refresh_token),
            visitor,
        }
    }

    /// One call of the load, tried until it is done: mostly reads, and changes that bear a name.
    async fn call(&self, number: usize) -> Result<(), Status> {
        let request_id = request_id(number as u128);
        match number % 20 {
            0 | 5 | 10 | 15 => {
                let change = UpdateRequest {
                    full_name: format!("Ada {number}"),
                    request_id,
                    ..UpdateRequest::default()
                };
                let update = |client: Client| {
                    let change = change.clone();
                    async move { client.update(change).await }
                };
                self.insist(number, update).await.map(drop)
            }
            1 => {
                let login = LoginRequest {
                    identifier: Some(Identifier::Username(self.visitor.clone())),
                    password: PASSWORD.to_owned(),
                    request_id,
                    ..LoginRequest::default()
                };
                let login = |mut client: Client| {
                    let login = login.clone();
                    async move { client.rpc.login(login).await }
                };
                self.insist(number, login).await.map(drop)
            }
            3 | 13 => {
                let mut token = self.refresh_token.lock().await;
                let refresh = RefreshRequest {
                    refresh_token: token.clone(),
                    request_id,
                };
                let refresh = |mut client: Client| {
                    let refresh = refresh.clone();
                    async move { client.rpc.refresh(refresh).await }
                };
                let next = self.insist(number, refresh).await?.into_inner();
                *token = next.tokens.unwrap().refresh_token;
                Ok(())
            }
            _ => {
                let read = |client: Client| async move { client.current().await };
                self.insist(number, read).await.map(drop)
            }
        }
    }

    /// Tries a call on one node after another, while that is what a client's policy does.
    async fn insist<T, F: Future<Output = Result<T, Status>>>(
        &self,
        number: usize,
        send: impl Fn(Client) -> F,
    ) -> Result<T, Status> {
        let mut told = Status::unavailable("never tried");
        for attempt in 0..TRIES {
            let client = self.clients[(number + attempt) % 2].clone();
            let answer = timeout(PATIENCE, send(client)).await;
            match answer.unwrap_or_else(|_| Err(Status::aborted("it hangs"))) {
                Err(status) if may_be_tried_again(&status) => told = status,
                done => return done,
            }
            sleep(Duration::from_millis(20 << attempt.min(5))).await;
        }
        Err(told)
    }
}

/// Whether a client's policy tries such a call again: the service said so, or the connection closed before it was sent,
/// which this client's library tells as cancelled where others try again by themselves.
fn may_be_tried_again(status: &Status) -> bool {
    let is_of_the_connection = [Code::Cancelled, Code::Unknown, Code::Internal];
    status.code() == Code::Unavailable
        || (is_of_the_connection.contains(&status.code())
            && status.get_details_error_info().is_none())
}

/// Makes calls until that is over. Those that failed.
async fn load(people: Vec<Arc<Person>>, is_over: &AtomicBool, made: &AtomicUsize) -> Vec<Status> {
    let mut calls = JoinSet::new();
    let mut beat = interval(EVERY);
    let places = Arc::new(Semaphore::new(AT_ONCE));
    while !is_over.load(Ordering::SeqCst) {
        beat.tick().await;
        let place = Arc::clone(&places).acquire_owned().await.unwrap();
        let number = made.fetch_add(1, Ordering::SeqCst);
        let person = Arc::clone(&people[number % PEOPLE]);
        calls.spawn(async move {
            let answer = person.call(number).await;
            drop(place);
            answer
        });
    }
    let answers = calls.join_all().await.into_iter();
    answers.filter_map(Result::err).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn px_04_rolling_restarts_fail_no_call_that_is_tried_again() {
    let mut cluster = Cluster::start(Engines::Production, 2, &[]).await;
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        people.push(Arc::new(Person::enter(&cluster, number).await));
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let made = Arc::new(AtomicUsize::new(0));
    let load = tokio::spawn({
        let (is_over, made) = (Arc::clone(&is_over), Arc::clone(&made));
        async move { load(people, &is_over, &made).await }
    });
    let since = Instant::now();
    for restart in 0..RESTARTS {
        let node = restart % 2;
        let ended = cluster.terminate(node).await;
        assert!(ended.success(), "it ends in order: {ended:?}");
        cluster.restart(node).await;
    }
    let took = since.elapsed();
    is_over.store(true, Ordering::SeqCst);
    let failed = load.await.unwrap();
    let made = made.load(Ordering::SeqCst);
    println!(
        "{made} calls over {RESTARTS} restarts in {took:?}, {} failed",
        failed.len()
    );
    let wanted = took.as_millis() / EVERY.as_millis();
    assert!(
        made as u128 > wanted / FLOOR,
        "{made} calls are not {wanted}: there was no load"
    );
    assert!(
        failed.is_empty(),
        "{} of {made} failed, such as {:?}",
        failed.len(),
        failed[0]
    );
}
