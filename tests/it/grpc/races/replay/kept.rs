//! How long an answer is kept, who waits for it, and what becomes of one that cannot be read.

use std::time::Duration;

use accountd::{config::Settings, store::reply};
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, IntoActiveModel as _};

use super::*;
use crate::grpc::races::two_nodes;

fn rename(number: u128, name: &str) -> proto::UpdateRequest {
    proto::UpdateRequest {
        full_name: name.to_owned(),
        request_id: request_id(number),
        ..proto::UpdateRequest::default()
    }
}

on_both_engines! {
    async fn px_14_an_answer_is_kept_for_ten_minutes(engines) {
        let long = |settings: &mut Settings| {
            Ground::realm(settings, "default").access_lifetime = Duration::from_hours(1);
        };
        let nodes = two_nodes(engines, long).await;
        let ada = nodes[0].client().joined("ada").await;
        let first = ada.update(rename(60, "Ada")).await.unwrap();
        nodes[0].advance(Duration::from_millis(10 * 60 * 1000 - 1));
        assert_eq!(ada.update(rename(60, "Ada")).await.unwrap(), first);
        let reused = ada.update(rename(60, "Countess")).await;
        assert_refused(reused, Code::InvalidArgument, "REQUEST_ID_REUSED");

        // Its row is there until the sweep, and gives way at once.
        nodes[0].advance(Duration::from_millis(1));
        let second = ada.update(rename(60, "Countess")).await.unwrap();
        assert_eq!(second.account.as_ref().unwrap().full_name, "Countess");
        assert_eq!(ada.update(rename(60, "Countess")).await.unwrap(), second);
        let reused = ada.update(rename(60, "Ada")).await;
        assert_refused(reused, Code::InvalidArgument, "REQUEST_ID_REUSED");
        assert_eq!(reply::Entity::find().count(&nodes[0].app.db).await.unwrap(), 1);
    }

    async fn px_14_an_answer_is_that_of_the_session_whichever_of_its_tokens_asks(engines) {
        let nodes = two_nodes(engines, |_| ()).await;
        let client = nodes[0].client();
        let first = client.join("ada").await.tokens.unwrap();
        let ada = client.with(&first.access_token);
        let done = ada.update(rename(65, "Ada")).await.unwrap();
        let next = client.refresh(&first.refresh_token).await.unwrap();
        let again = client.with(&next.access_token).update(rename(65, "Ada")).await;
        assert_eq!(again.unwrap(), done);

        let elsewhere = client.login("ada", PASSWORD).await.unwrap().tokens.unwrap();
        let other = client.with(&elsewhere.access_token).update(rename(65, "Ada")).await;
        assert_refused(other, Code::InvalidArgument, "REQUEST_ID_REUSED");
        client.with(&next.access_token).logout().await.unwrap();
        let ended = ada.update(rename(65, "Ada")).await;
        assert_refused(ended, Code::Unauthenticated, "TOKEN_REVOKED");
    }

    async fn px_14_a_second_delivery_waits_for_the_first(engines) {
        let nodes = cluster(engines).await;
        let ada = nodes[0].client().joined("ada").await;
        let key = format!("Update/{}", request_id(61));
        let first = Uuid::from_u128(1);
        let lease = Duration::from_mins(5);
        assert_eq!(nodes[0].app.kv.claim(&key, first, lease).await, Ok(true));
        let update = ada.update(rename(61, "Ada"));
        tokio::pin!(update);
        let early = tokio::time::timeout(Duration::from_millis(300), &mut update).await;
        assert!(early.is_err(), "{early:?}");
        assert_eq!(ada.current().await.unwrap().full_name, "");

        nodes[1].app.kv.release(&key, first).await.unwrap();
        assert_eq!(update.await.unwrap().account.unwrap().full_name, "Ada");
        // And it leaves no claim behind.
        assert_eq!(nodes[1].app.kv.claim(&key, first, lease).await, Ok(true));
    }

    async fn px_14_a_node_that_died_after_its_commit_keeps_nobody_waiting(engines) {
        let nodes = cluster(engines).await;
        let ada = nodes[0].client().joined("ada").await;
        let first = ada.update(rename(62, "Ada")).await.unwrap();
        let key = format!("Update/{}", request_id(62));
        let dead = Uuid::from_u128(1);
        let lease = Duration::from_hours(1);
        assert_eq!(nodes[0].app.kv.claim(&key, dead, lease).await, Ok(true));
        assert_eq!(ada.update(rename(62, "Ada")).await.unwrap(), first);
        let reused = ada.update(rename(62, "Eve")).await;
        assert_refused(reused, Code::InvalidArgument, "REQUEST_ID_REUSED");
    }

    async fn px_14_an_answer_that_cannot_be_read_is_not_taken_for_none(engines) {
        let nodes = cluster(engines).await;
        let ada = nodes[0].client().joined("ada").await;
        let first = ada.update(rename(63, "Ada")).await.unwrap();
        let db = &nodes[0].app.db;
        let row = reply::Entity::find().one(db).await.unwrap().unwrap();
        let mut damaged = row.clone().into_active_model();
        let mut answer = row.answer.clone();
        *answer.last_mut().unwrap() ^= 1;
        damaged.answer = Set(answer);
        damaged.update(db).await.unwrap();
        let refused = ada.update(rename(63, "Ada")).await;
        assert_refused(refused, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
        assert_eq!(ada.current().await.unwrap(), first.account.unwrap());
    }

    async fn i12_what_is_kept_tells_nothing(engines) {
        let nodes = cluster(engines).await;
        let ada = nodes[0].client().joined("ada").await;
        ada.update(rename(64, "Augusta Ada King")).await.unwrap();
        let row = reply::Entity::find().one(&nodes[0].app.db).await.unwrap().unwrap();
        assert_eq!(row.key, format!("Update/{}", request_id(64)));
        for word in ["Augusta", "ada", "account"] {
            let shown = row.answer.windows(word.len()).any(|part| part == word.as_bytes());
            assert!(!shown, "{word}");
        }
    }
}
