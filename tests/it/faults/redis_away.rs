//! A Redis that is silent, loses replies, or comes back older than it was.

use std::time::Duration;

use accountd::proto::{self, OtpPurpose, verify_otp_request::Subject};
use redis::Script;
use tokio::time::{Instant, timeout};
use tonic::{Code, Status};

use super::calls::{ANSWER, Cast};
use crate::support::{
    client::{Client, PASSWORD, assert_refused, wrong},
    cluster::{Cluster, Node},
    codes::Who,
    service::Engines,
};

/// What a call with some questions to Redis may take: each is cut at a quarter of a second, and a busy machine is slow.
const CUT: Duration = Duration::from_secs(2);
/// Guesses of one code, by default.
const GUESSES: usize = 5;

/// What a client says that wants the script run.
fn script(text: &str) -> String {
    Script::new(text).get_hash().to_owned()
}

fn guess() -> String {
    script(include_str!("../../../src/backend/kv/redis/guess_code.lua"))
}

async fn nodes(count: usize) -> Cluster {
    // Patient where a busy machine must not look like a failing Redis.
    let variables = [("ACCOUNTD_KV__TIMEOUT", "2s")];
    let cluster = Cluster::start(Engines::Production, count, &variables).await;
    // Redis knows every script from then on: before, its answer is that it does not.
    let client = cluster.node(0).client();
    let (id, code) = client.pending("first").await;
    client.activate(&id, &wrong(&code)).await.unwrap_err();
    let named = named(&id, &code, "5f0b5a43-7f59-4d61-9d5a-2f6a4f7d9e00");
    client.verify(named).await.unwrap();
    cluster
}

/// An activation that names itself.
fn named(id: &str, code: &str, request_id: &str) -> proto::VerifyOtpRequest {
    proto::VerifyOtpRequest {
        subject: Some(Subject::AccountId(id.to_owned())),
        code: code.to_owned(),
        request_id: request_id.to_owned(),
        ..proto::VerifyOtpRequest::default()
    }
}

async fn quickly<T>(call: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
    let since = Instant::now();
    let answer = timeout(ANSWER, call).await.expect("a call hangs");
    assert!(since.elapsed() < CUT, "{:?}", since.elapsed());
    answer
}

/// Takes all that Redis has a part in, while it does not answer as it should. What a registration as `bob` was answered.
async fn goes_on_without(node: &Node, cast: &Cast) -> Result<(), Status> {
    let ada = &cast.ada;
    quickly(ada.current()).await.unwrap();
    quickly(ada.sessions()).await.unwrap();
    quickly(cast.rename("Ada Lovelace")).await.unwrap();
    let tokens = quickly(cast.login()).await.unwrap().tokens.unwrap();
    let next = quickly(ada.refresh(&tokens.refresh_token)).await.unwrap();
    let other = node.client().with(&next.access_token);
    quickly(other.current()).await.unwrap();
    quickly(other.logout()).await.unwrap();
    let gone = quickly(other.current()).await;
    assert_refused(gone, Code::Unauthenticated, "TOKEN_REVOKED");
    // A code is nothing without its guesses counted.
    let later = Who::Username("adalater");
    let brought = quickly(ada.bring(OtpPurpose::Activate, later, "000000")).await;
    assert_refused(brought, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
    quickly(ada.register(ada.registration("bob")))
        .await
        .map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rd_02_a_silent_or_slow_redis_is_cut_off_and_the_service_goes_on_from_sql() {
    let cluster = Cluster::start(Engines::Production, 1, &[]).await;
    let node = cluster.node(0);
    let cast = Cast::enter(&node.client(), "ada").await;
    for slow in [false, true] {
        if slow {
            node.kv().slow(Duration::from_secs(1));
        } else {
            node.kv().silence();
        }
        let registered = goes_on_without(node, &cast).await;
        assert_refused(registered, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
        node.kv().pass();
        cast.recovers().await;
        let since = Instant::now();
        while let Err(status) = cast.ada.register(cast.ada.registration("eve")).await {
            assert!(since.elapsed() < ANSWER, "{status:?}");
        }
    }
}

/// Has Redis refuse what is said to it, and then no more. Meanwhile all goes on from SQL.
async fn goes_on_while(refuse: &[&str], relent: &[&str]) {
    let cluster = Cluster::start(Engines::Production, 1, &[]).await;
    let node = cluster.node(0);
    let cast = Cast::enter(&node.client(), "ada").await;
    let mut admin = cluster.outside().redis.connection().await;
    let mut tell = async |words: &[&str]| {
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        command.exec_async(&mut admin).await.unwrap();
    };
    tell(refuse).await;
    // Whether a password is wanted is told to new connections only.
    node.kv().cut();
    let registered = goes_on_without(node, &cast).await;
    assert_refused(registered, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
    tell(relent).await;
    cast.recovers().await;
    let since = Instant::now();
    while let Err(status) = cast.ada.register(cast.ada.registration("eve")).await {
        assert!(since.elapsed() < ANSWER, "{status:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rd_06_while_redis_has_no_memory_left_the_service_goes_on_from_sql() {
    let limit = |bytes| ["CONFIG", "SET", "maxmemory", bytes];
    goes_on_while(&limit("1"), &limit("0")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rd_09_while_redis_takes_no_writes_the_service_goes_on_from_sql() {
    let follow = |host, port| ["REPLICAOF", host, port];
    goes_on_while(&follow("127.0.0.1", "1"), &follow("NO", "ONE")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rd_09_while_redis_wants_a_password_the_service_goes_on_from_sql() {
    let want = |password| ["CONFIG", "SET", "requirepass", password];
    goes_on_while(&want("something"), &want("")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rd_07_garbage_under_every_key_lets_nobody_in_and_puts_nobody_out() {
    let cluster = Cluster::start(Engines::Production, 2, &[]).await;
    let (one, two) = (cluster.node(0), cluster.node(1));
    let ada = one.client().joined("ada").await;
    let eve = one.client().joined("eve").await;
    eve.logout().await.unwrap();
    let (id, code) = one.client().pending("bob").await;
    let mut redis = cluster.outside().redis.connection().await;
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg("*")
        .query_async(&mut redis)
        .await
        .unwrap();
    assert!(keys.len() >= 2, "a mark and a code: {keys:?}");
    for key in keys {
        let mut set = redis::cmd("SET");
        set.arg(key).arg("garbage").arg("EX").arg(600);
        set.exec_async(&mut redis).await.unwrap();
    }
    for node in [one, two] {
        let eve = node.client().with(eve.token.as_ref().unwrap());
        let gone = eve.current().await;
        assert_refused(gone, Code::Unauthenticated, "TOKEN_REVOKED");
        let brought = node.client().activate(&id, &code).await;
        assert_refused(brought, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
        let ada = node.client().with(ada.token.as_ref().unwrap());
        ada.current().await.unwrap();
        node.client().login("ada", PASSWORD).await.unwrap();
        let log = node.log();
        assert!(!log.contains("a panic"), "{log}");
    }
}

/// Makes as many wrong guesses as one code has.
async fn guess_out(client: &Client, id: &str, code: &str) {
    for _ in 0..GUESSES {
        let answer = client.activate(id, &wrong(code)).await;
        assert_refused(answer, Code::InvalidArgument, "CODE_INCORRECT");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rd_05_a_guess_whose_reply_is_lost_is_counted_and_gives_nothing() {
    let cluster = nodes(1).await;
    let node = cluster.node(0);
    let client = node.client();
    let (id, code) = client.pending("ada").await;
    for lost in 0..GUESSES {
        node.kv().lose_reply_after(guess(), 1);
        let answer = client.activate(&id, &wrong(&code)).await;
        assert_refused(answer, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
        assert_eq!(node.kv().fired(), lost + 1);
    }
    // The budget is used up, also for who has the code.
    let spent = client.activate(&id, &code).await.unwrap_err();
    assert_eq!(spent.code(), Code::InvalidArgument, "{spent:?}");

    // One guess with the right code is lost without an effect, and the next one works, once.
    let (id, code) = client.pending("bob").await;
    node.kv().lose_reply_after(guess(), 1);
    let answer = client.activate(&id, &code).await;
    assert_refused(answer, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
    let login = client.login("bob", PASSWORD).await;
    assert!(login.is_err(), "no success without a record");
    client.activate(&id, &code).await.unwrap();
    client.activate(&id, &code).await.unwrap_err();
    client.login("bob", PASSWORD).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rd_05_a_code_is_used_once_though_redis_cannot_say_that_it_forgot_it() {
    let cluster = nodes(1).await;
    let node = cluster.node(0);
    let client = node.client();
    let scripts = [
        include_str!("../../../src/backend/kv/redis/return_guess.lua"),
        include_str!("../../../src/backend/kv/redis/drop_code.lua"),
    ];
    for (name, text) in ["ada", "bob"].into_iter().zip(scripts) {
        for before in [false, true] {
            let name = format!("{name}{before}");
            let (id, code) = client.pending(&name).await;
            let fired = node.kv().fired();
            if before {
                node.kv().cut_before(script(text), 1);
            } else {
                node.kv().lose_reply_after(script(text), 1);
            }
            client.activate(&id, &code).await.unwrap();
            assert_eq!(node.kv().fired(), fired + 1);
            client.activate(&id, &code).await.unwrap_err();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rd_05_a_code_that_redis_may_not_have_is_not_promised() {
    let cluster = nodes(1).await;
    let node = cluster.node(0);
    let client = node.client();
    let put = script(include_str!("../../../src/backend/kv/redis/put_code.lua"));
    for (name, before) in [("ada", false), ("bob", true)] {
        if before {
            node.kv().cut_before(&put, 1);
        } else {
            node.kv().lose_reply_after(&put, 1);
        }
        let lost = client.register(client.registration(name)).await;
        assert_refused(lost, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
        // No half account, no mail, and the name is free.
        let tokens = client.join(name).await.tokens.unwrap();
        client.with(&tokens.access_token).current().await.unwrap();
        assert_eq!(client.letters_to(&format!("{name}@example.com")).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rd_05_a_logout_whose_mark_has_no_reply_is_a_logout() {
    let cluster = nodes(2).await;
    let (one, two) = (cluster.node(0), cluster.node(1));
    one.client().joined("ada").await;
    for before in [false, true] {
        let tokens = one.client().login("ada", PASSWORD).await.unwrap().tokens;
        let token = tokens.unwrap().access_token;
        let (here, there) = (one.client().with(&token), two.client().with(&token));
        there.current().await.unwrap();
        let fired = one.kv().fired();
        if before {
            one.kv().cut_before("\r\nSET\r\n", 1);
        } else {
            one.kv().lose_reply_after("\r\nSET\r\n", 1);
        }
        here.logout().await.unwrap();
        assert_eq!(one.kv().fired(), fired + 1, "no mark was set");
        for client in [&there, &here, &there] {
            let gone = client.current().await;
            assert_refused(gone, Code::Unauthenticated, "TOKEN_REVOKED");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rd_05_a_limit_whose_reply_is_lost_lets_nobody_guess_more_and_the_owner_in() {
    const BURST: usize = 4;
    let variables = [
        ("ACCOUNTD_KV__TIMEOUT", "2s"),
        ("ACCOUNTD_LIMITS__LOGIN_BURST", "4"),
        ("ACCOUNTD_LIMITS__LOGIN_PERIOD", "1h"),
    ];
    let cluster = Cluster::start(Engines::Production, 1, &variables).await;
    let node = cluster.node(0);
    let client = node.client().joined("ada").await;
    client.login("ada", PASSWORD).await.unwrap();
    let take = script(include_str!("../../../src/backend/kv/redis/take.lua"));
    for pattern in [take.as_str(), "\r\nDEL\r\n"] {
        let fired = node.kv().fired();
        node.kv().lose_reply_after(pattern, 1);
        client.login("ada", PASSWORD).await.unwrap();
        assert_eq!(node.kv().fired(), fired + 1, "{pattern:?}");
    }
    // Redis or this process counts each attempt, so that no loss makes more than both allow.
    let mut guessed = 0;
    for _ in 0..3 * BURST {
        node.kv().lose_reply_after(&take, 1);
        match client.login("ada", "a guess of somebody").await {
            Err(status) if status.code() == Code::Unauthenticated => guessed += 1,
            refused => assert_refused(refused, Code::ResourceExhausted, "RATE_LIMITED"),
        }
    }
    assert!((1..=2 * BURST).contains(&guessed), "{guessed} guesses");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rd_05_a_named_request_whose_first_script_has_no_reply_converges() {
    let cluster = nodes(1).await;
    let node = cluster.node(0);
    let client = node.client();
    let (id, code) = client.pending("ada").await;
    let message = named(&id, &code, "5f0b5a43-7f59-4d61-9d5a-2f6a4f7d9e01");
    let fired = node.kv().fired();
    node.kv().lose_reply_after("EVALSHA", 1);
    if let Err(status) = quickly(client.verify(message.clone())).await {
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    }
    assert_eq!(node.kv().fired(), fired + 1, "no script was run");
    let tokens = quickly(client.verify(message)).await.unwrap().tokens;
    let ada = client.with(&tokens.unwrap().access_token);
    assert_eq!(ada.sessions().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rd_03_an_older_redis_revives_nothing() {
    let cluster = nodes(2).await;
    let (one, two) = (cluster.node(0), cluster.node(1));
    let redis = &cluster.outside().redis;
    let ada = one.client().joined("ada").await;
    let (id, code) = one.client().pending("bob").await;
    let (spent_id, spent_code) = one.client().pending("eve").await;
    let older = redis.snapshot().await;
    assert!(older.len() >= 2, "the codes are not in it");

    one.client().activate(&id, &code).await.unwrap();
    ada.logout().await.unwrap();
    guess_out(&one.client(), &spent_id, &spent_code).await;
    redis.restore(&older).await;

    for node in [one, two] {
        let ada = node.client().with(ada.token.as_ref().unwrap());
        assert_refused(ada.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
        node.client().activate(&id, &code).await.unwrap_err();
    }
    // Nor are guesses given back.
    let late = two.client().activate(&spent_id, &spent_code).await;
    assert_refused(late, Code::InvalidArgument, "CODE_INCORRECT");
}
