//! PX-09: once a deletion is acknowledged, nothing of the account works, whatever met it.

use accountd::{
    proto::UpdateRequest,
    store::{account, session},
};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use tonic::{Code, Status};

use super::{at_once, enter, two_nodes};
use crate::support::{
    client::{Client, PASSWORD, assert_refused, reason},
    service::{Node, on_both_engines},
};

const ROUNDS: usize = 25;

/// Refusals that tell of the deletion, and none that tell of a fault.
fn assert_beaten(refused: &Status) {
    let reason = reason(refused);
    assert!(
        [
            "ACCOUNT_NOT_FOUND",
            "ACCOUNT_DELETED",
            "TOKEN_REVOKED",
            "REFRESH_TOKEN_INVALID",
            "CONFLICT"
        ]
        .contains(&reason.as_str()),
        "{refused:?}"
    );
}

async fn assert_gone(nodes: &[Node; 2], name: &str, access_tokens: &[&str], refresh_token: &str) {
    for node in nodes {
        for token in access_tokens {
            let answer = node.client().with(token).current().await;
            assert_refused(answer, Code::Unauthenticated, "ACCOUNT_DELETED");
        }
        let answer = node.client().refresh(refresh_token).await;
        assert_refused(answer, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
        let answer = node.client().login(name, PASSWORD).await;
        assert_refused(answer, Code::NotFound, "ACCOUNT_NOT_FOUND");
        assert_eq!(
            account::Entity::find().count(&node.app.db).await.unwrap(),
            0
        );
        assert_eq!(
            session::Entity::find().count(&node.app.db).await.unwrap(),
            0
        );
    }
}

/// Deletes while `meet` happens on the other node, which may open a session.
async fn against(
    nodes: &[Node; 2],
    meet: impl AsyncFn(&Client, &str, &str) -> Result<Option<[String; 2]>, Status>,
) {
    for round in 0..ROUNDS {
        let name = format!("ada{round}");
        let (ada, tokens) = enter(&nodes[0].client(), &name, PASSWORD).await;
        let there = nodes[1].client().with(&tokens.access_token);
        let (deleted, answer) = tokio::join!(
            ada.delete(PASSWORD),
            meet(&there, &name, &tokens.refresh_token)
        );
        deleted.unwrap();
        let opened = answer.unwrap_or_else(|refused| {
            assert_beaten(&refused);
            None
        });
        let own = [tokens.access_token, tokens.refresh_token];
        for [access_token, refresh_token] in opened.iter().chain([&own]) {
            assert_gone(nodes, &name, &[access_token], refresh_token).await;
        }
    }
}

on_both_engines! {
    async fn px_09_a_login_opens_nothing_on_a_deleted_account(engines) {
        let nodes = two_nodes(engines, at_once).await;
        against(&nodes, async |there, name, _| {
            let tokens = there.login(name, PASSWORD).await?.tokens.unwrap();
            Ok(Some([tokens.access_token, tokens.refresh_token]))
        })
        .await;
    }

    async fn px_09_a_refresh_continues_nothing_on_a_deleted_account(engines) {
        let nodes = two_nodes(engines, at_once).await;
        against(&nodes, async |there, _, refresh_token| {
            let tokens = there.refresh(refresh_token).await?;
            Ok(Some([tokens.access_token, tokens.refresh_token]))
        })
        .await;
    }

    async fn px_09_an_update_does_not_bring_a_deleted_account_back(engines) {
        let nodes = two_nodes(engines, at_once).await;
        against(&nodes, async |there, name, _| {
            let message = UpdateRequest {
                username: format!("{name}-renamed"),
                ..UpdateRequest::default()
            };
            there.update(message).await?;
            Ok(None)
        })
        .await;
    }
}
