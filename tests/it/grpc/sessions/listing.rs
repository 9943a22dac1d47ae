//! Pages of sessions.

use std::time::Duration;

use accountd::proto::{ListSessionsRequest, ListSessionsResponse};
use tonic::Code;

use super::{another_session, newcomer};
use crate::support::{
    client::{Client, assert_refused},
    service::{Ground, on_both_engines, start},
};

async fn page(
    client: &Client,
    page_size: i32,
    page_token: &str,
) -> Result<ListSessionsResponse, tonic::Status> {
    let message = client.request(ListSessionsRequest {
        page_size,
        page_token: page_token.to_owned(),
    });
    let answer = client.rpc.clone().list_sessions(message).await?;
    Ok(answer.into_inner())
}

fn ids(page: &ListSessionsResponse) -> Vec<&str> {
    page.sessions.iter().map(|one| one.id.as_str()).collect()
}

on_both_engines! {
    async fn pages_leave_nothing_out_and_the_last_says_so(engines) {
        let node = start(engines).await;
        let (ada, first) = newcomer(&node.client(), "ada").await;
        let mut expected = vec![first.session_id];
        for _ in 1..5 {
            node.advance(Duration::from_secs(1));
            expected.push(another_session(&node.client(), "ada").await.1.session_id);
        }
        expected.reverse();
        for size in [1_usize, 2, 4, 5, 6] {
            let (mut seen, mut token) = (Vec::new(), String::new());
            loop {
                let page = page(&ada, i32::try_from(size).unwrap(), &token).await.unwrap();
                let rest = expected.len() - seen.len();
                assert_eq!(page.sessions.len(), rest.min(size), "pages of {size}");
                assert_eq!(page.next_page_token.is_empty(), rest <= size, "pages of {size}");
                seen.extend(ids(&page).iter().map(ToString::to_string));
                token = page.next_page_token;
                if token.is_empty() {
                    break;
                }
            }
            assert_eq!(seen, expected, "pages of {size}");
        }
        assert_refused(page(&ada, -1, "").await, Code::InvalidArgument, "INVALID_FIELD");
    }

    async fn a_page_has_twenty_sessions_unless_told_and_never_over_a_hundred(engines) {
        let ground = Ground::with(engines, |settings| {
            Ground::realm(settings, "default").session_cap = 200;
        });
        let node = ground.await.node().await;
        let (ada, _) = newcomer(&node.client(), "ada").await;
        for _ in 1..101 {
            another_session(&node.client(), "ada").await;
        }
        for (size, listed) in [(0, 20), (100, 100), (101, 100), (1000, 100)] {
            let page = page(&ada, size, "").await.unwrap();
            assert_eq!(page.sessions.len(), listed, "pages of {size}");
            assert!(!page.next_page_token.is_empty());
        }
    }
}
