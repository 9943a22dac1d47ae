//! What is refused before any server is asked, and what is never told.

use accountd::backend::{
    Clock, Kv,
    kv::{Mode, OpenError, Options, RedisOptions},
};
use secrecy::SecretString;

use crate::support::redis::Server;

async fn refusal(options: RedisOptions) -> OpenError {
    let opened = Kv::open(Options::Redis(options), Clock::System).await;
    opened.expect_err("a refusal")
}

fn urls(urls: &[&str]) -> RedisOptions {
    RedisOptions::new(urls.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn lc_04_addresses_that_cannot_work_are_refused() {
    assert_eq!(refusal(urls(&[])).await, OpenError::NoUrl);
    let two = urls(&["redis://a", "redis://b"]);
    assert_eq!(refusal(two).await, OpenError::OneUrl);
    for url in [
        "",
        "a:6379",
        "http://a",
        "unix:///a",
        "redis://",
        "rediss://a/#insecure",
    ] {
        assert_eq!(refusal(urls(&[url])).await, OpenError::Url(1), "{url}");
    }
    let misfits = RedisOptions {
        mode: Mode::Cluster,
        ..urls(&["redis://:one@a", "redis://:two@b"])
    };
    let refused = refusal(misfits).await;
    assert!(matches!(refused, OpenError::Urls(_)), "{refused}");
}

#[tokio::test]
async fn lc_04_a_prefix_that_spoils_hash_tags_is_refused() {
    for prefix in ["", "a{b}", "a b", "*", &"x".repeat(65)] {
        let options = RedisOptions {
            prefix: prefix.to_owned(),
            ..urls(&["redis://a"])
        };
        let refused = refusal(options).await;
        assert_eq!(refused, OpenError::Prefix(prefix.to_owned()));
    }
}

#[tokio::test]
async fn lc_01_passwords_are_never_told() {
    let server = Server::start_with(&["--requirepass", "right"]).await;
    let url = format!("redis://:marked-secret@127.0.0.1:{}", server.port());
    let options = RedisOptions {
        mode: Mode::Sentinel {
            master: "main".to_owned(),
            password: Some(SecretString::from("marked-secret")),
        },
        ..urls(&[&url, "marked-secret"])
    };
    let debug = format!("{:?}", Options::Redis(options.clone()));
    assert!(!debug.contains("marked-secret"), "{debug}");
    let unreadable = refusal(options).await;
    let rejected = refusal(urls(&[&url])).await;
    let missing = refusal(urls(&[&server.url()])).await;
    for error in [&rejected, &missing] {
        assert!(matches!(error, OpenError::Credentials(_)), "{error}");
    }
    for error in [unreadable, rejected] {
        let told = format!("{error} {error:?}");
        assert!(!told.contains("marked-secret"), "{told}");
    }
}
