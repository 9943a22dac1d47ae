//! How long a session lives, and how many of them there are.

use std::time::Duration;

use accountd::store::{outbox, session};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use tonic::Code;

use super::{another_session, newcomer};
use crate::support::{
    client::{PASSWORD, assert_refused},
    service::{on_both_engines, start},
};

const DAY: Duration = Duration::from_hours(24);
const STEP: Duration = Duration::from_hours(6);

fn just_under(limit: Duration) -> Duration {
    limit.saturating_sub(Duration::from_millis(1))
}

on_both_engines! {
    async fn tk_15_a_session_in_use_ends_after_thirty_days(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        let (_, mut tokens) = newcomer(&stranger, "ada").await;
        let end = tokens.refresh_expire_time.unwrap().seconds;
        for _ in 1..30 * 4 {
            node.advance(STEP);
            tokens = stranger.refresh(&tokens.refresh_token).await.unwrap();
            assert_eq!(tokens.refresh_expire_time.unwrap().seconds, end, "no refresh puts it off");
        }
        node.advance(just_under(STEP));
        tokens = stranger.refresh(&tokens.refresh_token).await.unwrap();
        assert!(tokens.access_expire_time.unwrap().seconds <= end, "no access beyond the session");
        let ada = stranger.with(&tokens.access_token);
        node.advance(Duration::from_millis(1));
        assert_refused(ada.current().await, Code::Unauthenticated, "TOKEN_EXPIRED");
        let next = stranger.refresh(&tokens.refresh_token).await;
        assert_refused(next, Code::Unauthenticated, "REFRESH_TOKEN_EXPIRED");
    }

    async fn tk_15_an_idle_session_ends_after_fourteen_days(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        let (_, tokens) = newcomer(&stranger, "ada").await;
        node.advance(just_under(14 * DAY));
        let next = stranger.refresh(&tokens.refresh_token).await.unwrap();
        node.advance(14 * DAY);
        let late = stranger.refresh(&next.refresh_token).await;
        assert_refused(late, Code::Unauthenticated, "REFRESH_TOKEN_EXPIRED");
        let (ada, _) = another_session(&stranger, "ada").await;
        assert_eq!(ada.sessions().await.unwrap().len(), 1, "an ended session is not listed");
    }

    async fn tk_19_the_oldest_session_over_the_cap_ends(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        let (ada, first) = newcomer(&stranger, "ada").await;
        let cap = usize::try_from(node.app.served("default").unwrap().rules.session_cap).unwrap();
        let mut opened = vec![first];
        while opened.len() < cap + 5 {
            node.advance(Duration::from_secs(1));
            opened.push(another_session(&stranger, "ada").await.1);
        }
        let (ended, live) = opened.split_at(5);
        for tokens in ended {
            let answer = ada.with(&tokens.access_token).current().await;
            assert_refused(answer, Code::Unauthenticated, "TOKEN_REVOKED");
            let answer = ada.refresh(&tokens.refresh_token).await;
            assert_refused(answer, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
        }
        for tokens in live {
            ada.with(&tokens.access_token).current().await.unwrap();
        }
    }

    async fn tk_19_many_logins_at_once_keep_to_the_cap(engines) {
        let node = start(engines).await;
        newcomer(&node.client(), "ada").await;
        let people: Vec<_> = (0..10)
            .map(|_| {
                let client = node.client();
                tokio::spawn(async move {
                    for _ in 0..30 {
                        client.login("ada", PASSWORD).await.unwrap();
                    }
                })
            })
            .collect();
        for person in people {
            person.await.unwrap();
        }
        let live = session::Entity::find().count(&node.app.db).await.unwrap();
        assert_eq!(live, u64::from(node.app.served("default").unwrap().rules.session_cap));
        assert_eq!(outbox::Entity::find().count(&node.app.db).await.unwrap(), 0);
    }
}
