//! A Redis that forgets, or was away: what is put back, and who is told.

use std::time::Duration;

use ::redis::{aio::MultiplexedConnection, cmd};
use accountd::proto::{RegisterRequest, VerifyOtpRequest, verify_otp_request::Subject};
use tokio::time::sleep;
use tonic::Code;

use super::{client, on_production};
use crate::support::{client::assert_refused, redis::Server};

const RESTORED: &str = "accountd_revocation_marks_restored_total";
const MISSED: &str = "accountd_revocation_marks_missed_total";
const FORGOTTEN: &str = "accountd_codes_forgotten_total";
const TOLD: &str = "marks of ended sessions were missing";

async fn marks(redis: &mut MultiplexedConnection) -> usize {
    let all = cmd("KEYS").arg("*:revoked").to_owned();
    let keys: Vec<String> = all.query_async(redis).await.unwrap();
    keys.len()
}

async fn flush(redis: &mut MultiplexedConnection) {
    cmd("FLUSHALL").exec_async(redis).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rd_03_an_alarm_tells_that_marks_were_put_back() {
    let server = Server::start().await;
    let mut redis = server.connection().await;
    let accountd = on_production(&server).await;
    let token = accountd.joined("ada").await;
    let ada = client(&accountd).await.with(&token);
    ada.logout().await.unwrap();
    assert_eq!(marks(&mut redis).await, 1);
    assert_refused(ada.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
    assert!(accountd.page().await.says(RESTORED, 0.0));
    assert!(!accountd.log().contains(TOLD), "nothing was forgotten yet");

    for restored in [1.0, 2.0] {
        flush(&mut redis).await;
        assert_eq!(marks(&mut redis).await, 0);
        for _ in 0..3 {
            assert_refused(ada.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
        }
        assert_eq!(marks(&mut redis).await, 1, "the mark is back");
        let page = accountd.page().await;
        assert!(page.says(RESTORED, restored), "{page:#?}");
        assert!(page.says(MISSED, 0.0), "{page:#?}");
    }
    let page = accountd.page().await;
    let ways = ["mark", "sql", "sql_alone"].map(|path| {
        page.value(&format!(
            "accountd_revocation_checks_total{{path=\"{path}\"}}"
        ))
    });
    assert!(
        (ways.iter().sum::<f64>() - 8.0).abs() < f64::EPSILON,
        "each call is checked once: {ways:?}"
    );
    let log = accountd.log();
    let line = log.lines().find(|line| line.contains(TOLD)).unwrap();
    assert!(line.contains("WARN"), "{line}");
    assert!(
        line.contains("noeviction") && line.contains("marks=1"),
        "it says what to do: {line}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn marks_that_could_not_be_set_are_counted_apart() {
    let mut server = Server::start().await;
    let accountd = on_production(&server).await;
    let token = accountd.joined("ada").await;
    let ada = client(&accountd).await.with(&token);
    server.kill();
    ada.logout().await.unwrap();
    assert_refused(ada.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
    let page = accountd
        .page_with("accountd_dependency_up{dependency=\"kv\"}", 0.0)
        .await;
    assert!(page.says(MISSED, 1.0), "{page:#?}");
    assert!(page.says(RESTORED, 0.0), "{page:#?}");
    for operation in ["announce", "mark_if_missing", "ping"] {
        let name = format!("accountd_kv_unanswered_total{{operation=\"{operation}\"}}");
        assert!(page.value(&name) >= 1.0, "{page:#?}");
    }
    assert!(page.value("accountd_revocation_checks_total{path=\"sql_alone\"}") >= 1.0);

    let _empty = Server::start_on(server.port()).await;
    accountd
        .page_with("accountd_dependency_up{dependency=\"kv\"}", 1.0)
        .await;
    // A call that meets Redis while the connection is still made goes by SQL alone.
    let mut page = accountd.page().await;
    for _ in 0..50 {
        assert_refused(ada.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
        page = accountd.page().await;
        if page.says(RESTORED, 1.0) {
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("the mark was not put back: {page:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_that_were_forgotten_are_counted() {
    let server = Server::start().await;
    let mut redis = server.connection().await;
    let accountd = on_production(&server).await;
    let ada = client(&accountd).await;
    let mut codes = Vec::new();
    for name in ["ada", "bob"] {
        let message: RegisterRequest = ada.registration(name);
        let account = ada.register(message).await.unwrap().account.unwrap();
        let code = accountd.code_for(&format!("{name}@example.com"), 1).await;
        codes.push(VerifyOtpRequest {
            subject: Some(Subject::AccountId(account.id)),
            code,
            ..VerifyOtpRequest::default()
        });
    }
    let [forgotten, used] = &codes[..] else {
        panic!("two were asked for");
    };
    ada.verify(used.clone()).await.unwrap();
    flush(&mut redis).await;
    // What was used is gone by right, and does not count.
    for code in [forgotten, used] {
        let answer = ada.verify(code.clone()).await;
        assert_refused(answer, Code::InvalidArgument, "CODE_INCORRECT");
        let page = accountd.page().await;
        assert!(page.says(FORGOTTEN, 1.0), "{page:#?}");
    }
    let page = accountd.page().await;
    assert!(page.says(RESTORED, 0.0), "{page:#?}");
}
