//! Where forgiveness of an old refresh token ends.

use std::time::Duration;

use accountd::store::session;
use sea_orm::{ActiveValue::Set, EntityTrait as _};
use tonic::Code;
use uuid::Uuid;

use super::newcomer;
use crate::support::{
    client::assert_refused,
    service::{on_both_engines, start},
};

/// How long a predecessor is forgiven although its successor was used.
const GRACE: Duration = Duration::from_secs(10);
const MILLISECOND: Duration = Duration::from_millis(1);

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
