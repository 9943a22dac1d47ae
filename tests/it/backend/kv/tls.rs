//! Over TLS.

use std::time::Duration;

use accountd::backend::{
    Clock, Kv,
    kv::{OpenError, Options, RedisOptions},
};

use super::{Bench, bench::patient, limits, marks};
use crate::support::redis::Secured;

#[tokio::test]
async fn a_server_is_trusted_for_its_authority_and_its_name() {
    let server = Secured::start().await;
    let trusting = |host| RedisOptions {
        ca_file: Some(server.ca_file()),
        ..patient(vec![server.url(host)])
    };
    let bench = Bench::on(trusting("localhost")).await;
    marks::i1_marked_sessions_are_found_and_others_are_not(&bench).await;
    limits::a_refusal_costs_no_token(&bench).await;

    let other_name = Bench::on(trusting("127.0.0.1")).await;
    let error = other_name.kv.ping().await.unwrap_err().to_string();
    assert!(error.contains("certificate"), "{error}");

    let another = Secured::start().await;
    let other_authority = Bench::on(RedisOptions {
        ca_file: Some(another.ca_file()),
        timeout: Duration::from_secs(1),
        ..patient(vec![server.url("localhost")])
    })
    .await;
    let error = other_authority.kv.ping().await.unwrap_err().to_string();
    assert!(error.contains("certificate"), "{error}");
}

#[tokio::test]
async fn lc_04_a_ca_file_of_no_use_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (empty, missing) = (dir.path().join("empty.pem"), dir.path().join("missing.pem"));
    std::fs::write(&empty, "no certificate").unwrap();
    for (url, file) in [
        ("rediss://localhost", &empty),
        ("rediss://localhost", &missing),
        ("redis://localhost", &empty),
    ] {
        let options = RedisOptions {
            ca_file: Some(file.clone()),
            ..RedisOptions::new(vec![url.to_owned()])
        };
        let refused = Kv::open(Options::Redis(options), Clock::System).await;
        let error = refused.err().unwrap();
        assert!(matches!(error, OpenError::CaFile { .. }), "{error}");
    }
}
