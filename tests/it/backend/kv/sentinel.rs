//! Behind Redis Sentinel.

use std::time::Duration;

use accountd::backend::{
    Clock, Kv,
    kv::{Guess, Mode, OpenError, Options, RedisOptions},
};
use secrecy::SecretString;
use tokio::time::{Instant, sleep};

use super::{Bench, bench::patient, codes::code};
use crate::support::redis::{Watched, free_port};

const TTL: Duration = Duration::from_mins(1);

#[tokio::test]
async fn rd_09_a_failover_is_followed_to_the_new_master() {
    let mut set = Watched::start().await;
    let dead = format!("redis://127.0.0.1:{}", free_port());
    let options = RedisOptions {
        mode: Mode::Sentinel {
            master: "main".to_owned(),
            password: None,
        },
        timeout: Duration::from_secs(1),
        // One sentinel that is gone must not matter.
        ..patient(vec![dead, set.url()])
    };
    let bench = Bench::on(options).await;
    bench.kv.put_code("before", &code(1, 5), TTL).await.unwrap();

    set.kill_master();
    let killed = Instant::now();
    while let Err(error) = bench.kv.put_code("after", &code(2, 5), TTL).await {
        assert!(killed.elapsed() < Duration::from_secs(30), "{error}");
        sleep(Duration::from_millis(50)).await;
    }
    let guess = bench.kv.guess_code("after").await;
    assert_eq!(guess, Ok(Guess::Live(code(2, 4))));
}

#[tokio::test]
async fn a_sentinel_asks_for_its_own_password_and_knows_its_own_masters() {
    let set = Watched::start().await;
    set.set_password("of the sentinel").await;
    let behind = |master: &str, password: &str| RedisOptions {
        mode: Mode::Sentinel {
            master: master.to_owned(),
            password: Some(SecretString::from(password)),
        },
        ..patient(vec![set.url()])
    };
    let bench = Bench::on(behind("main", "of the sentinel")).await;
    bench.kv.ping().await.unwrap();

    let bench = Bench::on(behind("other", "of the sentinel")).await;
    let error = bench.kv.ping().await.unwrap_err().to_string();
    assert!(error.contains("no master of that name"), "{error}");

    let options = Options::Redis(behind("main", "wrong"));
    let refused = Kv::open(options, Clock::System).await.err().unwrap();
    assert!(matches!(refused, OpenError::Credentials(_)), "{refused}");
}
