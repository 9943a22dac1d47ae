//! Where forgiveness of an old refresh token ends.

use std::time::Duration;

use accountd::{app::Call, backend::Timestamp, error::Error, sessions, store::session};
use sea_orm::{ActiveValue::Set, EntityTrait as _};
use tonic::Code;
use uuid::Uuid;

use super::newcomer;
use crate::support::{
    client::assert_refused,
    service::{Node, on_both_engines, start},
};

/// How long a predecessor is forgiven although its successor was used.
const GRACE: Duration = Duration::from_secs(10);
/// By how much a repetition may overtake its call.
const OVERTAKEN: Duration = Duration::from_mins(1);
const MILLISECOND: Duration = Duration::from_millis(1);

fn received(node: &Node, at: Timestamp) -> Call {
    Call {
        request_id: String::from("bounds"),
        peer: node.address.ip(),
        user_agent: String::new(),
        received_at: at,
        deadline: None,
        bearer: None,
        realm: None,
        named: None,
    }
}

on_both_engines! {
    async fn a_used_predecessor_is_forgiven_for_ten_seconds(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        let (_, first) = newcomer(&stranger, "ada").await;
        let second = stranger.refresh(&first.refresh_token).await.unwrap();
        stranger.with(&second.access_token).current().await.unwrap();
        node.advance(GRACE.saturating_sub(MILLISECOND));
        let again = stranger.refresh(&first.refresh_token).await.unwrap();
        assert_eq!(again.refresh_token, second.refresh_token);
        node.advance(MILLISECOND);
        let late = stranger.refresh(&first.refresh_token).await;
        assert_refused(late, Code::Unauthenticated, "REFRESH_TOKEN_REUSED");
    }

    async fn a_call_is_overtaken_by_less_than_a_minute(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        let (_, first) = newcomer(&stranger, "ada").await;
        let begun = node.app.clock.now();
        node.advance(OVERTAKEN);
        let second = stranger.refresh(&first.refresh_token).await.unwrap();
        stranger.refresh(&second.refresh_token).await.unwrap();
        let within = received(&node, begun + MILLISECOND);
        let answer = sessions::refresh(&node.app, &within, &first.refresh_token).await;
        assert_eq!(answer.unwrap_err(), Error::Conflict);
        let beyond = received(&node, begun);
        let answer = sessions::refresh(&node.app, &beyond, &first.refresh_token).await;
        assert_eq!(answer.unwrap_err(), Error::RefreshTokenReused);
    }

    async fn a_token_that_a_restored_database_does_not_know_yet_ends_nothing(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        let (_, first) = newcomer(&stranger, "ada").await;
        let second = stranger.refresh(&first.refresh_token).await.unwrap();
        let older = session::ActiveModel {
            id: Set(Uuid::parse_str(&first.session_id).unwrap()),
            generation: Set(0),
            seen_generation: Set(0),
            ..session::ActiveModel::default()
        };
        session::Entity::update(older).exec(&node.app.db).await.unwrap();
        let answer = stranger.refresh(&second.refresh_token).await;
        assert_refused(answer, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
        stranger.refresh(&first.refresh_token).await.unwrap();
    }
}
