//! A taken address is answered as a free one, and its owner is told (I15).

use accountd::proto::{self, OtpPurpose};
use tonic::{Code, Response, Status};

use crate::support::{
    client::{Client, PASSWORD, assert_refused},
    codes::Who,
    likeness::likeness,
    service::{on_both_engines, start},
};

type Answer = Result<Response<proto::RegisterResponse>, Status>;

/// Registers with one address under one name; the two answers are to differ in nothing but these and the ids.
async fn register(client: &Client, username: &str, email: &str) -> (String, Answer) {
    let message = proto::RegisterRequest {
        email: email.to_owned(),
        ..client.registration(username)
    };
    let mut answer = client.rpc.clone().register(client.request(message)).await;
    let mut id = String::new();
    if let Ok(response) = &mut answer {
        let response = response.get_mut();
        let account = response.account.as_mut().unwrap();
        id = std::mem::take(&mut account.id);
        (account.username, account.email) = Default::default();
        let challenge = response.challenge.as_mut().unwrap();
        assert_eq!(std::mem::take(&mut challenge.account_id), id);
        challenge.id.clear();
    }
    (id, answer)
}

on_both_engines! {
    async fn en_02_a_taken_address_is_answered_as_a_free_one(engines) {
        let node = start(engines).await;
        let client = node.client();
        client.join("ada").await;
        let (_, free) = register(&client, "eve", "any@example.com").await;
        let (_, taken) = register(&client, "bob", "ada@example.com").await;
        assert!(free.is_ok());
        assert_eq!(likeness(&free), likeness(&taken));
    }

    async fn en_02_and_costs_the_same_work(engines) {
        let node = start(engines).await;
        let client = node.client();
        client.join("ada").await;
        let mut hashes = Vec::new();
        for (name, email) in [("eve", "any@example.com"), ("bob", "ada@example.com")] {
            let before = node.app.hashing.tally().executed;
            register(&client, name, email).await.1.unwrap();
            hashes.push(node.app.hashing.tally().executed - before);
        }
        assert_eq!(hashes, [1, 1]);
    }

    async fn en_02_its_owner_gets_a_notice_and_no_code(engines) {
        let node = start(engines).await;
        let client = node.client();
        client.join("ada").await;
        register(&client, "bob", "ada@example.com").await.1.unwrap();
        let letters = client.mails_to("ada@example.com", 2).await;
        assert!(letters[1].contains("Somebody tried to register"), "{}", letters[1]);
        assert_eq!(client.codes_for("ada@example.com", 1).await.len(), 1);
    }

    async fn en_02_what_follows_looks_alike_too(engines) {
        let node = start(engines).await;
        let client = node.client();
        client.join("ada").await;
        let (free, _) = register(&client, "eve", "any@example.com").await;
        let (taken, _) = register(&client, "bob", "ada@example.com").await;
        let mut seen = Vec::new();
        for (id, email) in [(&free, "any@example.com"), (&taken, "ada@example.com")] {
            let guess = client.activate(id, "012345").await;
            assert_refused(guess, Code::InvalidArgument, "CODE_INCORRECT");
            for who in [Who::Id(id), Who::Email(email)] {
                let again = client.ask_again(OtpPurpose::Activate, who).await;
                seen.push(crate::support::likeness::refusal(&again.unwrap_err()));
            }
        }
        for username in ["eve", "bob"] {
            let login = client.login(username, PASSWORD).await;
            assert_refused(login, Code::Unauthenticated, "INVALID_CREDENTIALS");
            let twice = register(&client, username, "other@example.com").await.1;
            assert_refused(twice, Code::AlreadyExists, "USERNAME_TAKEN");
        }
        for (username, email) in [("eve", "any@example.com"), ("bob", "ada@example.com")] {
            register(&client, username, email).await.1.unwrap();
        }
        assert!(seen[0].contains("CODE_RESEND_TOO_SOON"), "{}", seen[0]);
        assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:#?}");
    }
}
