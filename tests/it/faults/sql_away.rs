//! A database that is away for a while: refusing, silent, slow, read-only, or shutting down.

use std::time::Duration;

use accountd::proto::UpdateRequest;
use futures_util::future::join_all;
use sea_orm::ConnectionTrait as _;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tonic::{Code, Request};

use super::calls::{ANSWER, Cast, RECOVERY, assert_unavailable, is_honest};
use crate::support::{
    client::{Client, PASSWORD},
    cluster::{Cluster, Node},
    service::Engines,
};

/// How long a caller may be answered from memory, and a little more.
const HELD: Duration = Duration::from_millis(300);
/// How long the database is away. The catalogue's minute would show no more.
const AWAY: Duration = Duration::from_secs(5);

async fn one_node() -> (Cluster, Cast) {
    let cluster = Cluster::start(Engines::Production, 1, &[]).await;
    let cast = Cast::enter(&cluster.node(0).client(), "ada").await;
    (cluster, cast)
}

/// Somebody's usual calls without an end. Panics at the first answer that blames the caller.
async fn goes_on(node: &Node, name: &str) -> impl Future<Output = ()> + use<> {
    let mut client = node.client().joined(name).await;
    let name = name.to_owned();
    async move {
        for number in 0_u32.. {
            let read = timeout(ANSWER, client.current()).await;
            let proved = timeout(ANSWER, client.login(&name, PASSWORD)).await;
            let message = UpdateRequest {
                full_name: format!("Number {number}"),
                ..UpdateRequest::default()
            };
            let changed = timeout(ANSWER, client.update(message)).await;
            // Those that hang are another matter, which the calls of every kind look after.
            for honest in [
                read.as_ref().map_or(true, is_honest),
                proved.as_ref().map_or(true, is_honest),
                changed.as_ref().map_or(true, is_honest),
            ] {
                assert!(honest, "{read:?} {proved:?} {changed:?}");
            }
            // The newest session is the last to be ended for being one too many.
            if let Ok(Ok(opened)) = proved {
                client = client.with(&opened.tokens.unwrap().access_token);
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn load(node: &Node) -> JoinSet<()> {
    let mut load = JoinSet::new();
    for name in ["bea", "cid", "dan"] {
        load.spawn(goes_on(node, name).await);
    }
    load
}

/// Asserts that nobody in the load was blamed, and ends it.
async fn end(mut load: JoinSet<()>) {
    if let Some(ended) = load.try_join_next() {
        ended.unwrap();
    }
    load.shutdown().await;
}

/// Every call is told that SQL is away, for as long as it is, and works when it is back.
async fn stays_away(node: &Node, cast: &Cast) {
    let since = Instant::now();
    while since.elapsed() < AWAY {
        assert_unavailable(&cast.call_all(ANSWER).await);
    }
    node.sql().pass();
    cast.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_02_every_call_is_unavailable_while_sql_refuses_and_works_again_after() {
    let (cluster, cast) = one_node().await;
    let node = cluster.node(0);
    let load = load(node).await;
    node.sql().refuse();
    stays_away(node, &cast).await;
    end(load).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_02_every_call_is_unavailable_while_sql_is_silent_and_works_again_after() {
    let (cluster, cast) = one_node().await;
    let node = cluster.node(0);
    let load = load(node).await;
    // The pool is full of connections that wait for work, and does not know what has become of them.
    let calls = join_all((0..40).map(|_| cast.ada.current())).await;
    assert!(calls.iter().all(is_honest), "{calls:?}");
    node.sql().silence();
    // Who was held is answered for a moment longer.
    sleep(HELD).await;
    stays_away(node, &cast).await;
    end(load).await;
}

/// A call to read oneself, with a deadline of a second.
async fn hurried(client: Client) -> (Code, Duration) {
    let mut request: Request<_> = client.request(accountd::proto::GetCurrentRequest::default());
    request.set_timeout(Duration::from_secs(1));
    let since = Instant::now();
    let answer = timeout(ANSWER, client.rpc.clone().get_current(request)).await;
    let code = match answer.expect("a hurried call hangs") {
        Ok(_) => Code::Ok,
        // The client's side of the deadline.
        Err(status) if status.code() == Code::Cancelled => Code::DeadlineExceeded,
        Err(status) => status.code(),
    };
    (code, since.elapsed())
}

/// How many files and sockets its process has open.
fn files(node: &Node) -> usize {
    let directory = format!("/proc/{}/fd", node.served().id());
    std::fs::read_dir(directory).unwrap().count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_05_slow_queries_keep_deadlines_and_do_not_pile_up() {
    const CALLS: usize = 60;
    let (cluster, cast) = one_node().await;
    let node = cluster.node(0);
    let before = files(node);
    // There and back, that makes five seconds for each query.
    node.sql().slow(Duration::from_millis(2500));
    for _ in 0..2 {
        let answers = join_all((0..CALLS).map(|_| hurried(cast.ada.clone()))).await;
        for (code, took) in answers {
            let refusals = [
                Code::Unavailable,
                Code::DeadlineExceeded,
                Code::ResourceExhausted,
            ];
            assert!(refusals.contains(&code), "{code:?} after {took:?}");
        }
        // The pool has ten connections, and those that are given up are closed.
        let opened = files(node);
        assert!(opened <= before + 15, "{before} files, and then {opened}");
    }
    node.sql().pass();
    let since = Instant::now();
    while hurried(cast.ada.clone()).await.0 != Code::Ok {
        assert!(since.elapsed() < RECOVERY, "reads do not recover");
        sleep(Duration::from_millis(50)).await;
    }
    cast.recovers().await;
}

/// Renames until told to stop, and asserts in the end that the last acknowledged name, or a later one, is there.
async fn keeps_what_it_acknowledges(cast: &Cast, until: tokio::sync::oneshot::Receiver<()>) {
    let mut until = until;
    let (mut acknowledged, mut number) = (0_u32, 0_u32);
    while until.try_recv().is_err() {
        number += 1;
        let answer = timeout(ANSWER, cast.rename(&format!("{number}"))).await;
        match answer {
            Ok(Ok(_)) => acknowledged = number,
            Ok(answer) => assert!(is_honest(&answer), "{answer:?}"),
            Err(_) => {}
        }
        sleep(Duration::from_millis(10)).await;
    }
    let since = Instant::now();
    let found = loop {
        match cast.ada.current().await {
            Ok(account) => break account.full_name,
            Err(status) => assert!(since.elapsed() < RECOVERY, "{status:?}"),
        }
        sleep(Duration::from_millis(50)).await;
    };
    let found: u32 = found.parse().unwrap();
    assert!(
        (acknowledged..=number).contains(&found),
        "{acknowledged} was acknowledged, {found} is there"
    );
    assert!(acknowledged > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_06_a_server_that_turned_read_only_is_unavailable_to_changes_until_it_turns_back() {
    let (cluster, cast) = one_node().await;
    let (node, admin) = (cluster.node(0), cluster.outside().sql().await);
    let name = cluster.outside().database.rsplit_once('/').unwrap().1;
    let turn = async |to: &str| {
        let alter = format!("ALTER DATABASE {name} SET default_transaction_read_only = {to}");
        let back = format!("ALTER DATABASE {name} SET default_transaction_read_only = off");
        let statement = if to == "on" { alter } else { back };
        let begin = "SET default_transaction_read_only = off; ";
        admin
            .execute_unprepared(&format!("{begin}{statement}"))
            .await
            .unwrap();
        node.sql().cut();
    };
    turn("on").await;
    let since = Instant::now();
    loop {
        let answer = timeout(ANSWER, cast.rename("Somebody")).await.unwrap();
        assert!(is_honest(&answer), "{answer:?}");
        let answer = timeout(ANSWER, cast.login()).await.unwrap();
        assert!(is_honest(&answer), "{answer:?}");
        // Once the connections that were cut are gone, reads go on.
        if cast.ada.current().await.is_ok() && answer.is_err() {
            break;
        }
        assert!(since.elapsed() < RECOVERY, "reads do not go on");
    }
    for _ in 0..5 {
        let status = cast.rename("Somebody").await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
        assert_ne!(cast.ada.current().await.unwrap().full_name, "Somebody");
    }
    turn("off").await;
    cast.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_06_a_shutdown_of_the_server_loses_nothing_that_was_acknowledged() {
    let (cluster, cast) = one_node().await;
    let (node, admin) = (cluster.node(0), cluster.outside().sql().await);
    let load = load(node).await;
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let shut_down = async {
        for _ in 0..20 {
            sleep(Duration::from_millis(100)).await;
            let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";
            admin.execute_unprepared(end).await.unwrap();
        }
        stop.send(()).unwrap();
    };
    tokio::join!(keeps_what_it_acknowledges(&cast, stopped), shut_down);
    cast.recovers().await;
    end(load).await;
}
