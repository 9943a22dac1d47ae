//! Calls that meet, on two nodes with one truth.

use accountd::{
    config::{Activation, EmailChange, Settings},
    proto,
};

use crate::support::{
    client::Client,
    service::{Engines, Ground, Node},
};

mod cancellation;
mod clocks;
mod cut_short;
mod deletion;
mod order;
mod pairs;
mod passwords;
mod replay;
mod uniqueness;

async fn two_nodes(engines: Engines, change: impl FnOnce(&mut Settings)) -> [Node; 2] {
    let ground = Ground::with(engines, change).await;
    [ground.node().await, ground.node().await]
}

/// Accounts are active at once and what is taken is told, so that every call has a winner.
fn at_once(settings: &mut Settings) {
    let realm = Ground::realm(settings, "default");
    realm.activation = Activation::None;
    realm.email_change = EmailChange::AtOnce;
    realm.disclose_accounts = true;
}

/// Registers in a realm of [`at_once`] and logs in.
async fn enter(client: &Client, name: &str, password: &str) -> (Client, proto::Tokens) {
    let message = proto::RegisterRequest {
        password: password.to_owned(),
        ..client.registration(name)
    };
    client.register(message).await.unwrap();
    let tokens = client.login(name, password).await.unwrap().tokens.unwrap();
    (client.with(&tokens.access_token), tokens)
}
