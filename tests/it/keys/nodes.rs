//! Two nodes of which one has read a new key and uses it at once, and the other never reads the directory by itself.

use std::time::Duration;

use accountd::{
    keys::{self, Algorithm, Kind, Rotation},
    proto,
};
use tonic::Code;

use crate::support::{
    client::{PASSWORD, assert_refused},
    service::{Engines, Ground, Node, on_both_engines},
};

/// A node that knows only what it meets, and one that is told of every rotation.
struct Pair {
    behind: Node,
    ahead: Node,
}

impl Pair {
    async fn start(engines: Engines) -> Self {
        let mut ground = Ground::new(engines).await.with_own_keys();
        ground.has_pepper = true;
        Self {
            behind: ground.node().await,
            ahead: ground.with_own_keys().node().await,
        }
    }

    fn rotate(&self, kind: Kind) {
        let ground = &self.ahead.ground;
        let rotation = Rotation {
            algorithm: Algorithm::EdDsa,
            activation_delay: Duration::ZERO,
            keep: Duration::from_hours(24),
        };
        let (path, now) = (ground.path().join("keys"), ground.clock.now());
        keys::rotate(&path, &[kind], &rotation, now, &self.ahead.app.random).unwrap();
        // A key is dated after the one that it follows.
        ground.clock.advance(Duration::from_secs(2));
        assert!(ground.keys.reload().unwrap());
    }
}

on_both_engines! {
    async fn tk_16_tokens_of_a_key_that_another_node_has(engines) {
        let pair = Pair::start(engines).await;
        let ada = pair.behind.client().joined("ada").await;
        for _ in 0..3 {
            pair.rotate(Kind::Signing);
            let answer = pair.ahead.client().login("ada", PASSWORD).await.unwrap();
            let token = answer.tokens.unwrap().access_token;
            pair.behind.client().with(&token).current().await.unwrap();
            ada.current().await.unwrap();
        }
    }

    async fn tk_16_a_named_call_with_a_token_of_a_new_key_is_done_once(engines) {
        let pair = Pair::start(engines).await;
        pair.behind.client().joined("ada").await;
        pair.rotate(Kind::Signing);
        let answer = pair.ahead.client().login("ada", PASSWORD).await.unwrap();
        let token = answer.tokens.unwrap().access_token;
        let message = proto::UpdateRequest {
            full_name: "Ada Lovelace".to_owned(),
            request_id: "0198c0de-0000-7000-8000-000000000001".to_owned(),
            ..proto::UpdateRequest::default()
        };
        let first = pair.behind.client().with(&token).update(message.clone()).await.unwrap();
        let again = pair.ahead.client().with(&token).update(message).await.unwrap();
        assert_eq!(first, again);
    }

    async fn tk_16_refresh_tokens_of_a_secret_that_another_node_has(engines) {
        let pair = Pair::start(engines).await;
        pair.behind.client().joined("ada").await;
        pair.rotate(Kind::Secret);
        let answer = pair.ahead.client().login("ada", PASSWORD).await.unwrap();
        let tokens = answer.tokens.unwrap();
        let next = pair.behind.client().refresh(&tokens.refresh_token).await.unwrap();
        pair.ahead.client().refresh(&next.refresh_token).await.unwrap();
    }

    async fn tk_16_codes_of_a_secret_that_another_node_has(engines) {
        let pair = Pair::start(engines).await;
        let (ahead, behind) = (pair.ahead.client(), pair.behind.client());
        // One under way from before, one of the new secret.
        let before = behind.register(behind.registration("ada")).await.unwrap();
        pair.rotate(Kind::Secret);
        let after = ahead.register(ahead.registration("ben")).await.unwrap();
        for (name, registered) in [("ada", before), ("ben", after)] {
            let code = ahead.code_for(&format!("{name}@example.com")).await;
            let id = registered.account.unwrap().id;
            let client = if name == "ada" { &ahead } else { &behind };
            client.activate(&id, &code).await.unwrap();
        }
    }

    async fn tk_16_passwords_of_a_pepper_that_another_node_has(engines) {
        let pair = Pair::start(engines).await;
        pair.behind.client().joined("ada").await;
        pair.rotate(Kind::Secret);
        // Hashed anew with the new pepper by one, and read by the other.
        pair.ahead.client().login("ada", PASSWORD).await.unwrap();
        pair.behind.client().login("ada", PASSWORD).await.unwrap();
        let wrong = pair.behind.client().login("ada", "another password").await;
        assert_refused(wrong, Code::Unauthenticated, "INVALID_CREDENTIALS");
    }

    async fn tk_16_an_answer_sealed_with_a_secret_that_another_node_has(engines) {
        let pair = Pair::start(engines).await;
        pair.rotate(Kind::Secret);
        let client = pair.ahead.client();
        let message = proto::RegisterRequest {
            request_id: "0198c0de-0000-7000-8000-000000000002".to_owned(),
            ..client.registration("ada")
        };
        let first = client.register(message.clone()).await.unwrap();
        let again = pair.behind.client().register(message).await.unwrap();
        assert_eq!(first.account, again.account);
    }
}
