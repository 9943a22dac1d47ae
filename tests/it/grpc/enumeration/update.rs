//! To move to a taken address looks like moving to a free one (I15).

use std::time::Duration;

use accountd::proto::{OtpPurpose, UpdateRequest};
use tonic::Code;

use crate::support::{
    client::{Client, PASSWORD, assert_refused},
    codes::Who,
    likeness::likeness,
    service::{on_both_engines, start},
};

/// The answer to a change, but for the address itself, ids and tokens.
async fn change(client: &Client, email: &str) -> String {
    let message = UpdateRequest {
        email: email.to_owned(),
        current_password: PASSWORD.to_owned(),
        ..UpdateRequest::default()
    };
    let mut answer = client.rpc.clone().update(client.request(message)).await;
    if let Ok(response) = &mut answer {
        let response = response.get_mut();
        let account = response.account.as_mut().unwrap();
        assert_eq!(account.pending_email, email);
        for text in [
            &mut account.id,
            &mut account.username,
            &mut account.email,
            &mut account.pending_email,
        ] {
            text.clear();
        }
        let challenge = response.challenge.as_mut().unwrap();
        challenge.id.clear();
        challenge.account_id.clear();
        response.tokens = None;
    }
    likeness(&answer)
}

on_both_engines! {
    async fn en_07_a_taken_address_is_answered_as_a_free_one(engines) {
        let node = start(engines).await;
        let (ann, abe) = (node.client().joined("ann").await, node.client().joined("abe").await);
        node.client().join("ada").await;
        let free = change(&ann, "any@example.com").await;
        let taken = change(&abe, "ada@example.com").await;
        assert!(free.contains("CHANGE_EMAIL") || free.contains("purpose"), "{free}");
        assert_eq!(free, taken);
        ann.code_for("any@example.com").await;
    }

    async fn en_07_its_owner_gets_a_notice_and_no_code(engines) {
        let node = start(engines).await;
        let abe = node.client().joined("abe").await;
        let id = abe.current().await.unwrap().id;
        let ada = node.client().joined("ada").await;
        change(&abe, "ada@example.com").await;
        let letters = abe.mails_to("ada@example.com", 2).await;
        assert!(letters[1].contains("wanted to make this address theirs"), "{}", letters[1]);
        // Not the second time either.
        node.advance(Duration::from_mins(1));
        abe.ask_again(OtpPurpose::ChangeEmail, Who::Id(&id)).await.unwrap();
        abe.request_otp("next@example.com", OtpPurpose::ProveAddress).await.unwrap();
        abe.code_for("next@example.com").await;
        assert_eq!(abe.codes_for("ada@example.com", 1).await.len(), 1, "only that of the registration");
        assert_eq!(ada.current().await.unwrap().email, "ada@example.com");
    }

    async fn en_07_without_a_code_nothing_moves(engines) {
        let node = start(engines).await;
        let abe = node.client().joined("abe").await;
        let id = abe.current().await.unwrap().id;
        node.client().join("ada").await;
        change(&abe, "ada@example.com").await;
        let guess = abe.bring(OtpPurpose::ChangeEmail, Who::Id(&id), "012345").await;
        assert_refused(guess, Code::InvalidArgument, "CODE_INCORRECT");
        assert_eq!(abe.current().await.unwrap().email, "abe@example.com");
    }
}
