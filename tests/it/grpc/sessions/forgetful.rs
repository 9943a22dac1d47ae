//! A key-value store that forgets, or is gone: SQL has the truth.

use accountd::proto::UpdateRequest;
use tonic::Code;

use super::{another_session, newcomer};
use crate::support::{
    client::{PASSWORD, assert_refused},
    redis,
    service::{Engines, Ground, on_both_engines},
};

fn renaming(name: &str) -> UpdateRequest {
    UpdateRequest {
        full_name: name.to_owned(),
        ..UpdateRequest::default()
    }
}

on_both_engines! {
    async fn rd_04_what_was_revoked_stays_so_when_every_mark_is_lost(engines) {
        let ground = Ground::new(engines).await;
        let node = ground.node().await;
        let (ada, _) = newcomer(&node.client(), "ada").await;
        let (live, _) = another_session(&node.client(), "ada").await;
        let (eve, _) = newcomer(&node.client(), "eve").await;
        ada.logout().await.unwrap();
        eve.delete(PASSWORD).await.unwrap();

        let forgetful = ground.on_empty_memory().await.node().await;
        let at = |token: &Option<String>| forgetful.client().with(token.as_ref().unwrap());
        // Twice: the first call has put the mark back.
        for _ in 0..2 {
            assert_refused(at(&ada.token).current().await, Code::Unauthenticated, "TOKEN_REVOKED");
            assert_refused(at(&eve.token).current().await, Code::Unauthenticated, "ACCOUNT_DELETED");
        }
        at(&live.token).current().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rd_03_a_flush_in_traffic_revives_nothing_and_ends_nothing() {
    let server = redis::Server::start().await;
    let ground = Ground::new(Engines::Production)
        .await
        .on_redis(&server)
        .await;
    let nodes = [ground.node().await, ground.node().await];
    let mut redis = server.connection().await;
    let (live, tokens) = newcomer(&nodes[0].client(), "ada").await;
    for _ in 0..50 {
        let (gone, _) = another_session(&nodes[0].client(), "ada").await;
        gone.logout().await.unwrap();
        ::redis::cmd("FLUSHALL")
            .exec_async(&mut redis)
            .await
            .unwrap();
        for node in &nodes {
            let gone = node.client().with(gone.token.as_ref().unwrap());
            assert_refused(gone.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
        }
        nodes[1]
            .client()
            .with(live.token.as_ref().unwrap())
            .current()
            .await
            .unwrap();
    }
    nodes[1]
        .client()
        .refresh(&tokens.refresh_token)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rd_01_without_redis_sessions_go_on_from_sql() {
    let mut server = redis::Server::start().await;
    let ground = Ground::new(Engines::Production)
        .await
        .on_redis(&server)
        .await;
    let nodes = [ground.node().await, ground.node().await];
    let (ada, tokens) = newcomer(&nodes[0].client(), "ada").await;
    let (revoked, _) = another_session(&nodes[0].client(), "ada").await;
    revoked.logout().await.unwrap();
    server.kill();

    ada.current().await.unwrap();
    let updated = ada.update(renaming("Ada Lovelace")).await.unwrap();
    assert_eq!(updated.account.unwrap().full_name, "Ada Lovelace");
    assert_refused(
        revoked.current().await,
        Code::Unauthenticated,
        "TOKEN_REVOKED",
    );
    let next = ada.refresh(&tokens.refresh_token).await.unwrap();
    let ada = ada.with(&next.access_token);
    ada.logout().await.unwrap();
    let there = nodes[1].client().with(&next.access_token);
    assert_refused(
        there.current().await,
        Code::Unauthenticated,
        "TOKEN_REVOKED",
    );
    // Proofs of a password need no Redis either, nor does a request id: its answer is kept in SQL.
    another_session(&nodes[1].client(), "ada")
        .await
        .0
        .current()
        .await
        .unwrap();
    let named = UpdateRequest {
        request_id: String::from("2f1c7f0e-8a5c-4c11-9a54-0f6c3d1f7a10"),
        ..renaming("Countess of Lovelace")
    };
    let (ada, _) = another_session(&nodes[1].client(), "ada").await;
    let first = ada.update(named.clone()).await.unwrap();
    assert_eq!(ada.update(named).await.unwrap(), first);
    let now = ada.current().await.unwrap();
    assert_eq!(now.full_name, "Countess of Lovelace");
    assert_eq!(now.etag, first.account.unwrap().etag);
}
