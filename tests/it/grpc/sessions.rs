//! What a login opens: which tokens work, for how long, and what ends them.

use accountd::proto;

use crate::support::client::{Client, PASSWORD};

mod access;
mod bounds;
mod forgetful;
mod held;
mod held_elsewhere;
mod lifetime;
mod listing;
mod placement;
mod refresh;
mod revocation;
mod secrets;

/// Logs in once more, and goes on with the new session.
async fn another_session(client: &Client, name: &str) -> (Client, proto::Tokens) {
    let answer = client.login(name, PASSWORD).await.unwrap();
    let tokens = answer.tokens.unwrap();
    (client.with(&tokens.access_token), tokens)
}

/// A new account with its first session.
async fn newcomer(client: &Client, name: &str) -> (Client, proto::Tokens) {
    let tokens = client.join(name).await.tokens.unwrap();
    (client.with(&tokens.access_token), tokens)
}
