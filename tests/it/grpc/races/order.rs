//! Calls that change the same rows take them in the same order, so that none of them waits in a circle.

use std::time::Duration;

use accountd::{
    config::LoginSteps,
    proto::{OtpPurpose, UpdateRequest, VerifyOtpRequest, verify_otp_request::Subject},
};
use sea_orm::{ConnectionTrait as _, Statement};

use crate::support::{
    client::{PASSWORD, reason},
    service::{Engines, Ground, Node},
};

/// Deadlocks that PostgreSQL has broken in the database. Servers report them when they end, so the pool is closed.
async fn deadlocks(node: &Node) -> i64 {
    node.app.db.pool().clone().close().await.unwrap();
    let fresh = node.ground.node().await;
    let count = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    let statement = Statement::from_string(fresh.app.db.get_database_backend(), count);
    let row = fresh
        .app
        .db
        .query_one_raw(statement)
        .await
        .unwrap()
        .unwrap();
    row.try_get("", "deadlocks").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_07_a_code_and_a_new_password_do_not_lock_each_other_out() {
    let ground = Ground::with(Engines::Production, |settings| {
        let realm = Ground::realm(settings, "default");
        realm.login_steps = LoginSteps::Two;
        realm.code_daily = 1000;
    })
    .await;
    let node = ground.node().await;
    let joined = node.client().join("ada").await;
    let ada = node.client().with(&joined.tokens.unwrap().access_token);
    let id = joined.account.unwrap().id;
    let mut password = PASSWORD.to_owned();
    for round in 0..30_usize {
        node.advance(Duration::from_secs(2));
        ada.login("ada", &password).await.unwrap();
        let code = ada
            .codes_for("ada@example.com", round + 2)
            .await
            .pop()
            .unwrap();
        let verify = VerifyOtpRequest {
            subject: Some(Subject::AccountId(id.clone())),
            purpose: OtpPurpose::Login.into(),
            code,
            ..VerifyOtpRequest::default()
        };
        let next = format!("the password of round {round}");
        let change = UpdateRequest {
            password: next.clone(),
            current_password: password,
            ..UpdateRequest::default()
        };
        // The hash of the new password takes a while, and so the code comes a little later.
        let late = async {
            tokio::time::sleep(Duration::from_micros(100 * u64::try_from(round).unwrap())).await;
            ada.verify(verify).await
        };
        let (changed, verified) = tokio::join!(ada.update(change), late);
        changed.unwrap();
        if let Err(refused) = verified {
            // The new password came first, and ended all codes.
            let known = ["CODE_NOT_FOUND", "CODE_INCORRECT"];
            assert!(known.contains(&reason(&refused).as_str()), "{refused:?}");
        }
        password = next;
    }
    assert_eq!(deadlocks(&node).await, 0);
}
