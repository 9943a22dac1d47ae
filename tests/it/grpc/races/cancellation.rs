//! A client that goes away in the middle of its call leaves the change done or not begun (I10).

use std::{future::Future, time::Duration};

use accountd::{
    proto::{Tokens, UpdateRequest},
    store::{account, audit_event, session},
};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use tonic::Status;

use super::{at_once, enter};
use crate::support::{
    client::{Client, PASSWORD, reason},
    raw::apart,
    service::{Ground, Node, on_both_engines, start},
};

const PEOPLE: u64 = 24;
const NEW_PASSWORD: &str = "a short night ashore";

/// Calls `work` on a connection of its own, and cuts that after a while that differs from person to person.
async fn cut<T>(node: &Node, client: &Client, number: u64, work: impl FnOnce(Client) -> T)
where
    T: Future<Output = Result<(), Status>> + Send + 'static,
{
    let hurried = apart(node, client).await;
    let call = tokio::spawn(work(hurried));
    tokio::time::sleep(Duration::from_micros(number * 300)).await;
    call.abort();
}

/// Waits until nothing is written any more.
pub(super) async fn settle(node: &Node) {
    let written = async || {
        audit_event::Entity::find()
            .count(&node.app.db)
            .await
            .unwrap()
    };
    let mut before = written().await;
    loop {
        tokio::time::sleep(Duration::from_millis(400)).await;
        let now = written().await;
        if now == before {
            return;
        }
        before = now;
    }
}

async fn crowd(node: &Node) -> Vec<(Client, String, Tokens)> {
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let name = format!("person{number}");
        let (client, tokens) = enter(&node.client(), &name, PASSWORD).await;
        people.push((client, name, tokens));
    }
    people
}

async fn works(client: &Client, name: &str, password: &str) -> bool {
    client.login(name, password).await.is_ok()
}

on_both_engines! {
    async fn px_14_a_registration_cut_short_is_whole_or_absent(engines) {
        let node = start(engines).await;
        let stranger = node.client();
        for number in 0..PEOPLE {
            let message = stranger.registration(&format!("person{number}"));
            cut(&node, &stranger, number, |client| async move {
                client.register(message).await.map(drop)
            })
            .await;
        }
        settle(&node).await;
        for account in account::Entity::find().all(&node.app.db).await.unwrap() {
            let code = stranger.code_for(account.email.as_ref().unwrap()).await;
            stranger.activate(&account.id.to_string(), &code).await.unwrap();
        }
    }

    async fn px_14_a_new_password_cut_short_is_whole_or_absent(engines) {
        let node = Ground::with(engines, at_once).await.node().await;
        let people = crowd(&node).await;
        let mut others = Vec::new();
        for (number, (client, name, _)) in (0..).zip(&people) {
            let other = client.login(name, PASSWORD).await.unwrap().tokens.unwrap();
            others.push(client.with(&other.access_token));
            cut(&node, client, number, |client| async move {
                let change = UpdateRequest {
                    password: NEW_PASSWORD.to_owned(),
                    current_password: PASSWORD.to_owned(),
                    ..UpdateRequest::default()
                };
                client.update(change).await.map(drop)
            })
            .await;
        }
        settle(&node).await;
        for ((client, name, _), other) in people.iter().zip(&others) {
            let is_changed = works(client, name, NEW_PASSWORD).await;
            assert_eq!(works(client, name, PASSWORD).await, !is_changed, "one password works");
            assert_eq!(other.current().await.is_err(), is_changed, "others end with the old password");
            client.current().await.unwrap();
        }
    }

    async fn px_14_a_deletion_cut_short_is_whole_or_absent(engines) {
        let node = Ground::with(engines, at_once).await.node().await;
        let people = crowd(&node).await;
        for (number, (client, _, _)) in (0..).zip(&people) {
            cut(&node, client, number, |client| async move { client.delete(PASSWORD).await }).await;
        }
        settle(&node).await;
        let mut left = 0;
        for (client, name, tokens) in &people {
            let address = format!("{name}@example.com");
            match client.current().await {
                Ok(_) => {
                    left += 1;
                    assert!(works(client, name, PASSWORD).await);
                    assert!(client.letters_to(&address).is_empty(), "nothing is told of what did not happen");
                }
                Err(refused) => {
                    assert_eq!(reason(&refused), "ACCOUNT_DELETED");
                    assert!(client.refresh(&tokens.refresh_token).await.is_err());
                    client.mails_to(&address, 1).await;
                }
            }
        }
        assert_eq!(account::Entity::find().count(&node.app.db).await.unwrap(), left);
        assert_eq!(session::Entity::find().count(&node.app.db).await.unwrap(), left * 2);
    }

    async fn px_14_a_logout_cut_short_is_whole_or_absent(engines) {
        let node = Ground::with(engines, at_once).await.node().await;
        let people = crowd(&node).await;
        for (number, (client, _, _)) in (0..).zip(&people) {
            cut(&node, client, number / 2, |client| async move { client.logout().await }).await;
        }
        settle(&node).await;
        for (client, _, tokens) in &people {
            let is_out = client.current().await.is_err();
            let next = client.refresh(&tokens.refresh_token).await;
            assert_eq!(next.is_err(), is_out, "both tokens of a session live, or neither");
        }
    }
}
