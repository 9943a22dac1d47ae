//! Every mutation, whose client goes away or whose deadline passes at any instant: it is done or not begun, the same
//! request sent again does it once, and nothing is held of it any more (I10, I13).

use std::{future::Future, time::Duration};

use accountd::{config::EmailChange, faults::Noise};
use futures_util::future::join_all;
use sea_orm::{
    ConnectionTrait as _, Database, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait as _,
};
use tokio::time::{Instant, sleep, timeout};

use super::{at_once, cancellation::settle};
use crate::support::{
    pictures,
    raw::apart,
    samples,
    service::{Engines, Ground, Node, on_both_engines},
};
use mutation::{COOLDOWN, Mutation, Person};

mod mutation;

/// Calls of each mutation that are cut short.
const PEOPLE: u64 = 12;
/// How long an answer may take, and until when everything must have been given back.
const SOON: Duration = Duration::from_secs(10);
/// Uploads at a time: fewer than are cut short.
const UPLOADS: usize = 2;

/// How a call ends before its time.
#[derive(Clone, Copy, Debug)]
enum End {
    Deadline,
    Gone,
}

/// A node on whose way outwards every other call is late.
async fn slow_node(engines: Engines) -> Node {
    let ground = Ground::with(engines, |settings| {
        at_once(settings);
        let realm = Ground::realm(settings, "default");
        realm.email_change = EmailChange::ConfirmNew;
        realm.code_cooldown = COOLDOWN;
        settings.pictures.max_uploads = UPLOADS;
        settings.pictures.max_per_account = 1;
    });
    let node = ground.await.node().await;
    node.app.faults.noise(Some(Noise {
        seed: 1,
        late: 500,
        by: Duration::from_millis(5),
        failing: 0,
    }));
    node
}

/// Begins the call, and ends it at an instant that differs from person to person. Whether it was answered with success
/// before that.
async fn cut(node: &Node, person: &Person, end: End, number: u64) -> bool {
    let answer = match end {
        End::Deadline => {
            let within = Duration::from_millis(1 + number * 4);
            person.send(&person.client, Some(within)).await.ok()
        }
        End::Gone => {
            let hurried = apart(node, &person.client).await;
            let call = person.send(&hurried, None);
            let answer = timeout(Duration::from_micros(500 + number * 3500), call).await;
            answer.ok().and_then(Result::ok)
        }
    };
    answer.is_some()
}

async fn eventually<T: Future<Output = bool>>(what: &str, is_so: impl Fn() -> T) {
    let since = Instant::now();
    while !is_so().await {
        assert!(since.elapsed() < SOON, "{what}");
        sleep(Duration::from_millis(10)).await;
    }
}

/// All connections of the pool can be had at once, and none has a transaction open.
async fn assert_pool_is_free(node: &Node) {
    let connections = usize::try_from(node.ground.store.max_connections).unwrap();
    let pool = node.app.db.pool();
    let admin = Database::connect(&node.ground.store.url).await.unwrap();
    match node.ground.engines {
        Engines::Embedded => {
            let pool = pool.get_sqlite_connection_pool();
            let all = join_all((0..connections).map(|_| timeout(SOON, pool.acquire()))).await;
            assert!(
                all.iter().all(|got| matches!(got, Ok(Ok(_)))),
                "a connection is kept"
            );
            let options = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            };
            // Refused after its time to wait where anybody has the lock of writers.
            let lock = admin.begin_with_options(options).await;
            lock.expect("the lock of writers is kept")
                .rollback()
                .await
                .unwrap();
        }
        Engines::Production => {
            let pool = pool.get_postgres_connection_pool();
            let all = join_all((0..connections).map(|_| timeout(SOON, pool.acquire()))).await;
            assert!(
                all.iter().all(|got| matches!(got, Ok(Ok(_)))),
                "a connection is kept"
            );
            let open = "SELECT count(*) AS n FROM pg_stat_activity \
                        WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
            let statement = Statement::from_string(admin.get_database_backend(), open);
            let row = admin.query_one_raw(statement).await.unwrap().unwrap();
            assert_eq!(
                row.try_get::<i64>("", "n").unwrap(),
                0,
                "a transaction is open"
            );
        }
    }
}

/// No thread hashes, every connection is free, and so is every place for an upload.
async fn assert_nothing_is_held(node: &Node, people: &[Person]) {
    let hashing = &node.app.hashing;
    eventually("a hash goes on", async || {
        hashing.running() + hashing.waiting() == 0
    })
    .await;
    assert_pool_is_free(node).await;
    let file = samples::png(8, 8);
    let uploads = people[..UPLOADS]
        .iter()
        .map(|person| timeout(SOON, pictures::upload(&person.client, &file)));
    for answer in join_all(uploads).await {
        answer.expect("an upload hangs").expect("a place is kept");
    }
}

async fn all_mutations(engines: Engines, end: End) {
    let node = slow_node(engines).await;
    let mut everybody = Vec::new();
    for mutation in Mutation::ALL {
        for number in 0..PEOPLE {
            let name = format!("{mutation:?}{number}").to_lowercase();
            let person = Person::new(&node, name, mutation).await;
            let is_acknowledged = cut(&node, &person, end, number).await;
            everybody.push((person, is_acknowledged));
        }
    }
    settle(&node).await;
    let mut done = 0;
    for (person, is_acknowledged) in &everybody {
        let is_told = person.is_told(&node).await;
        let has_happened = person.has_happened(&node).await;
        let what = person.mutation;
        assert_eq!(has_happened, is_told, "{what:?} is half done");
        assert!(
            has_happened || !is_acknowledged,
            "{what:?} was answered with success and is not done"
        );
        done += usize::from(has_happened);
        let again = timeout(SOON, person.send(&person.client, None)).await;
        let again = again.unwrap_or_else(|_| panic!("{what:?} hangs"));
        again.unwrap_or_else(|refused| panic!("{what:?}: {refused:?}"));
        assert!(
            person.has_happened(&node).await,
            "{what:?} is not done, or twice"
        );
    }
    println!("{done} of {} were done", everybody.len());
    assert!(
        done > 0 && done < everybody.len(),
        "{done} were done: cut too late or too soon"
    );
    let bystanders: Vec<Person> = {
        let names = (0..UPLOADS).map(|number| format!("bystander{number}"));
        join_all(names.map(|name| Person::new(&node, name, Mutation::Update))).await
    };
    node.app.faults.noise(None);
    assert_nothing_is_held(&node, &bystanders).await;
}

on_both_engines! {
    async fn px_14_mutations_whose_deadline_passes_are_done_once_or_not_begun(engines) {
        Box::pin(all_mutations(engines, End::Deadline)).await;
    }

    async fn px_14_mutations_whose_client_goes_away_are_done_once_or_not_begun(engines) {
        Box::pin(all_mutations(engines, End::Gone)).await;
    }
}
