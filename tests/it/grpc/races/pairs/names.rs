//! A name has one owner, also where it is claimed first and proved later (I5).

use accountd::{
    config::Presence,
    proto::OtpPurpose,
    store::account::{self, State},
};
use futures_util::future::join_all;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::{noisy_nodes, one_of, refused_as, telling};
use crate::{
    grpc::races::{at_once, enter},
    support::{
        client::{Client, PASSWORD},
        codes::Who,
        service::{Ground, Node, on_both_engines},
    },
};

const ROUNDS: usize = 20;

/// Whoever has the address, pending or not.
async fn owners(node: &Node, address: &str) -> Vec<account::Model> {
    account::Entity::find()
        .filter(account::Column::EmailCanonical.eq(address))
        .all(&node.app.db)
        .await
        .unwrap()
}

/// An active account on a node of realms that send codes, whose address is that of its name.
async fn member(node: &Node, name: &str) -> Client {
    node.client().joined(name).await
}

on_both_engines! {
    async fn px_07_two_registrations_with_one_external_id_make_one_account(engines) {
        let nodes = noisy_nodes(engines, |settings| {
            at_once(settings);
            let realm = Ground::realm(settings, "default");
            realm.external_id = Presence::Optional;
        })
        .await;
        for round in 0..ROUNDS {
            let calls = [0, 1].map(|number| {
                let client = nodes[number].client();
                let mut message = client.registration(&format!("person{round}x{number}"));
                message.external_id = format!("external-{round}");
                async move { client.register(message).await }
            });
            let [one, other] = calls;
            let (one, other) = tokio::join!(one, other);
            let (winner, _) = one_of(one, other, &["EXTERNAL_ID_TAKEN"]);
            for number in [0, 1] {
                let name = format!("person{round}x{number}");
                let login = nodes[1 - number].client().login(&name, PASSWORD).await;
                assert_eq!(login.is_ok(), number == winner, "{login:?}");
            }
        }
    }

    async fn px_07_of_two_registrations_that_wait_one_is_activated(engines) {
        let nodes = noisy_nodes(engines, |settings| {
            telling(settings);
            Ground::realm(settings, "default").disclose_accounts = false;
        })
        .await;
        for round in 0..ROUNDS {
            let address = format!("prize{round}@example.com");
            let calls = [0, 1].map(|number| {
                let client = nodes[number].client();
                let mut message = client.registration(&format!("person{round}x{number}"));
                message.email.clone_from(&address);
                async move { client.register(message).await.unwrap().account.unwrap().id }
            });
            let [one, other] = calls;
            let (one, other) = tokio::join!(one, other);
            let codes = nodes[0].client().codes_for(&address, 2).await;
            let waiting = owners(&nodes[0], &address).await;
            assert_eq!(waiting.len(), 1, "one has taken the place of the other");
            // Everything that was sent, brought back to everybody, at once.
            let mut tries = Vec::new();
            for id in [&one, &other] {
                for (number, code) in codes.iter().enumerate() {
                    let client = nodes[number].client();
                    tries.push(async move { (id.clone(), client.activate(id, code).await) });
                }
            }
            let answers = join_all(tries).await;
            let mut active = Vec::new();
            for (id, answer) in answers {
                match answer {
                    Ok(_) => active.push(id),
                    Err(refused) => {
                        refused_as(&refused, &["CODE_INCORRECT"]);
                    }
                }
            }
            assert_eq!(active, [waiting[0].id.to_string()]);
            let owner = owners(&nodes[1], &address).await.remove(0);
            assert_eq!((owner.state, owner.version), (State::Active, 2));
        }
    }

    async fn px_08_an_address_that_two_accounts_prove_at_once_is_of_one(engines) {
        let nodes = noisy_nodes(engines, telling).await;
        let people = [member(&nodes[0], "ada").await, member(&nodes[1], "eve").await];
        for round in 0..ROUNDS {
            let address = format!("prize{round}@example.com");
            let mut calls = Vec::new();
            for (count, person) in (1..).zip(&people) {
                let before = person.current().await.unwrap();
                person.change_email(&address).await.unwrap();
                let code = person.code_number(&address, count).await;
                calls.push((before, code));
            }
            let prove = async |number: usize| {
                let (before, code) = &calls[number];
                people[number].bring(OtpPurpose::ChangeEmail, Who::Id(&before.id), code).await
            };
            let (one, other) = tokio::join!(prove(0), prove(1));
            let (winner, _) = one_of(one, other, &["EMAIL_TAKEN"]);
            let has = [&people[winner], &people[1 - winner]].map(Client::current);
            let [winner_has, loser_has] = has;
            assert_eq!(winner_has.await.unwrap().email, address);
            assert_eq!(loser_has.await.unwrap().email, calls[1 - winner].0.email);
            assert_eq!(owners(&nodes[0], &address).await.len(), 1);
        }
    }

    async fn px_08_an_address_proved_by_a_newcomer_and_an_account_is_of_one(engines) {
        let nodes = noisy_nodes(engines, telling).await;
        let ada = member(&nodes[0], "ada").await;
        let stranger = nodes[1].client();
        for round in 0..ROUNDS {
            let address = format!("prize{round}@example.com");
            let before = ada.current().await.unwrap();
            ada.change_email(&address).await.unwrap();
            let change = ada.code_number(&address, 1).await;
            let mut message = stranger.registration(&format!("eve{round}"));
            message.email.clone_from(&address);
            let eve = stranger.register(message).await.unwrap().account.unwrap().id;
            let activation = stranger.code_number(&address, 2).await;
            let (changed, activated) = tokio::join!(
                ada.bring(OtpPurpose::ChangeEmail, Who::Id(&before.id), &change),
                stranger.activate(&eve, &activation)
            );
            let known = ["EMAIL_TAKEN", "CODE_NOT_FOUND", "ACCOUNT_NOT_FOUND"];
            let (winner, _) = one_of(changed, activated, &known);
            let [owner] = owners(&nodes[0], &address).await.try_into().unwrap();
            assert_eq!(owner.state, State::Active);
            let winner_id = [&before.id, &eve][winner];
            assert_eq!(owner.id.to_string(), *winner_id);
            let ada_has = ada.current().await.unwrap().email;
            assert_eq!(ada_has, if winner == 0 { address } else { before.email });
        }
    }

    async fn px_08_two_changes_to_one_address_at_once_are_of_one(engines) {
        let nodes = noisy_nodes(engines, at_once).await;
        let (ada, _) = enter(&nodes[0].client(), "ada", PASSWORD).await;
        let (eve, _) = enter(&nodes[1].client(), "eve", PASSWORD).await;
        for round in 0..ROUNDS {
            let address = format!("prize{round}@example.com");
            let before = [ada.current().await.unwrap(), eve.current().await.unwrap()];
            let (one, other) = tokio::join!(ada.change_email(&address), eve.change_email(&address));
            let (winner, _) = one_of(one, other, &["EMAIL_TAKEN"]);
            let now = [ada.current().await.unwrap(), eve.current().await.unwrap()];
            assert_eq!(now[winner].email, address);
            assert_eq!(now[1 - winner], before[1 - winner], "nothing of the other has changed");
        }
    }
}
