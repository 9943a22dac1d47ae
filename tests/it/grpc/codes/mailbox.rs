//! What one mailbox can be sent, and what the mail says (I13, I15).

use std::time::Duration;

use accountd::{config::Settings, proto::OtpPurpose};
use tonic::{Code, Status};

use super::COOLDOWN;
use crate::support::{
    client::{Client, PASSWORD, assert_refused},
    codes::Who,
    likeness::refusal,
    service::{Ground, Node, on_both_engines},
};

const DAY: Duration = Duration::from_hours(24);

fn behind_a_proxy(settings: &mut Settings) {
    settings.grpc.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
}

fn narrow(settings: &mut Settings) {
    behind_a_proxy(settings);
    settings.limits.address_burst = 20;
    settings.limits.address_period = Duration::from_hours(1);
}

async fn again(client: &Client, email: &str) -> Result<(), Status> {
    client
        .ask_again(OtpPurpose::Activate, Who::Email(email))
        .await
        .map(drop)
}

/// A hundred times from a hundred addresses, a minute apart: what each was answered.
async fn insist(node: &Node, email: &str) -> Vec<String> {
    let mut answers = Vec::new();
    for number in 0..100 {
        let client = node.client().from(&format!("203.0.113.{number}"));
        let answer = again(&client, email).await;
        answers.push(answer.map_or_else(|status| refusal(&status), |()| String::from("sent")));
        node.advance(COOLDOWN);
    }
    answers
}

on_both_engines! {
    async fn ot_09_a_hundred_sources_get_ten_mails_to_one_address(engines) {
        let ground = Ground::with(engines, behind_a_proxy).await;
        let node = ground.node().await;
        let client = node.client();
        client.pending("ada").await;
        // Its registration counts, too; a day later the address has its whole budget.
        node.advance(DAY);
        let answers = insist(&node, "ada@example.com").await;
        assert_eq!(answers.iter().filter(|answer| *answer == "sent").count(), 10);
        assert_eq!(client.codes_for("ada@example.com", 11).await.len(), 11);
    }

    async fn ot_09_an_unknown_address_is_answered_alike(engines) {
        let known = Ground::with(engines, behind_a_proxy).await.node().await;
        known.client().pending("ada").await;
        known.advance(DAY);
        let unknown = Ground::with(engines, behind_a_proxy).await.node().await;
        unknown.advance(DAY);
        let email = "ada@example.com";
        assert_eq!(insist(&known, email).await, insist(&unknown, email).await);
        assert_eq!(unknown.client().letters_to(email), [] as [String; 0]);
    }

    async fn ot_09_one_source_asks_for_few_addresses(engines) {
        let node = Ground::with(engines, narrow).await.node().await;
        let client = node.client().from("203.0.113.7");
        for number in 0..20 {
            again(&client, &format!("a{number}@example.com")).await.unwrap();
        }
        let more = again(&client, "b@example.com").await;
        assert_refused(more, Code::ResourceExhausted, "RATE_LIMITED");
        again(&client.from("203.0.113.8"), "b@example.com").await.unwrap();
    }

    async fn ot_18_the_mail_says_what_for_when_and_what_else_to_do(engines) {
        let node = Ground::new(engines).await.node().await;
        let client = node.client();
        let tokens = client.join("ada").await.tokens.unwrap();
        let email = "ada@example.com";
        for (sent, time) in [(2, "2026-01-31 12:00 UTC"), (3, "2026-01-31 12:01 UTC")] {
            client.request_otp(email, OtpPurpose::ResetPassword).await.unwrap();
            let code = client.code_number(email, sent).await;
            let letters = client.letters_to(email);
            let letter = letters.iter().find(|letter| letter.contains(&code)).unwrap();
            for words in ["set a new password", time, "If you did not", "will ever ask you for it"] {
                assert!(letter.contains(words), "{words}: {letter}");
            }
            for secret in [PASSWORD, &tokens.access_token, &tokens.refresh_token] {
                assert!(!letter.contains(secret), "{letter}");
            }
            node.advance(COOLDOWN);
        }
    }
}
