//! Relays and addresses that misbehave.

use std::time::{Duration, Instant};

use accountd::{
    backend::{
        Clock, Mailer,
        mail::{Options, Security, SmtpOptions},
    },
    mails::Mail,
    store::outbox,
};

use super::{NOW, Post, eventually};
use crate::support::{
    database::both_engines,
    smtp::{At, Protection, Relay, Reply},
};

const NOTICE: Mail = Mail::PasswordChanged;

fn post(db: accountd::store::Db, port: u16) -> Post {
    let clock = Clock::fixed(NOW);
    let options = SmtpOptions {
        timeout: Duration::from_secs(4),
        ..SmtpOptions::new("127.0.0.1", port, Security::None)
    };
    let mailer = Mailer::open(Options::Smtp(options), clock.clone()).expect("a mailer");
    Post::new(db, mailer, clock)
}

fn has_arrived(relay: &Relay, to: &str) -> bool {
    relay.letters().iter().any(|letter| letter.to == to)
}

both_engines! {
    async fn sm_01_mail_leaves_within_a_minute_of_the_relays_return(db) {
        let relay = Relay::start(Protection::None).await;
        relay.rule(At::Greeting, "", Reply::Say("421 4.3.2 back soon"));
        let post = post(db, relay.port);
        post.put("nina@example.com", &NOTICE).await;
        let mut row = post.rows().await.remove(0);
        outbox::done(&post.db, row.id).await.unwrap();
        // As after an hour of trying in vain.
        row.attempts = 120;
        outbox::insert(&post.db, row).await.unwrap();
        post.run();
        eventually(async || post.rows().await[0].last_error.is_some()).await;
        let row = post.rows().await.remove(0);
        assert!(row.due_at <= NOW.millis() + 30_000);
        assert_eq!(row.copies, 0);

        relay.recover();
        post.clock.advance(Duration::from_secs(30));
        post.until_empty().await;
        assert!(has_arrived(&relay, "nina@example.com"));
    }

    async fn sm_02_forty_tarpits_do_not_delay_others(db) {
        let relay = Relay::start(Protection::None).await;
        relay.rule(At::Recipient, "tarpit", Reply::Silence);
        let post = post(db, relay.port);
        for number in 0..40 {
            post.put(&format!("tarpit{number}@example.com"), &NOTICE).await;
        }
        post.run();
        post.put("nina@example.com", &NOTICE).await;
        let since = Instant::now();
        eventually(async || has_arrived(&relay, "nina@example.com")).await;
        assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
        // Each is cut off, put back, and has not left.
        eventually(async || {
            let rows = post.rows().await;
            rows.len() == 40 && rows.iter().all(|row| row.lease_until.is_none())
        }).await;
        let rows = post.rows().await;
        assert!(rows.iter().all(|row| row.copies == 0 && row.due_at > NOW.millis()));
    }

    async fn sm_03_one_bad_address_does_not_delay_others(db) {
        let relay = Relay::start(Protection::None).await;
        relay.rule(At::Recipient, "full", Reply::Say("452 4.2.2 mailbox full"));
        relay.rule(At::Recipient, "busy", Reply::Say("421 4.7.0 try again later"));
        relay.rule(At::Recipient, "gone", Reply::Say("550 5.1.1 unknown"));
        let post = post(db, relay.port);
        for who in ["full", "busy", "gone", "nina", "omar"] {
            post.put(&format!("{who}@example.com"), &NOTICE).await;
        }
        post.run();
        let since = Instant::now();
        eventually(async || relay.letters().len() == 2).await;
        assert!(since.elapsed() < Duration::from_secs(5));
        // Refused for good: dropped. Refused for now: put back, and sent when the address recovers.
        eventually(async || {
            let rows = post.rows().await;
            rows.len() == 2 && rows.iter().all(|row| row.last_error.is_some())
        }).await;
        relay.recover();
        post.clock.advance(Duration::from_secs(1));
        post.until_empty().await;
        assert_eq!(relay.letters().len(), 4);
        assert!(!has_arrived(&relay, "gone@example.com"));
    }

    async fn a_relay_that_keeps_the_letter_in_silence_gets_three_copies_at_most(db) {
        let relay = Relay::start(Protection::None).await;
        relay.rule(At::Content, "pit", Reply::Silence);
        let post = post(db, relay.port);
        post.put("pit@example.com", &NOTICE).await;
        let mut row = post.rows().await.remove(0);
        outbox::done(&post.db, row.id).await.unwrap();
        row.attempts = 2;
        row.copies = 2;
        outbox::insert(&post.db, row).await.unwrap();
        post.run();
        eventually(async || post.rows().await[0].last_error.is_some()).await;
        assert_eq!(post.rows().await[0].copies, 3);
        post.clock.advance(Duration::from_mins(5));
        post.until_empty().await;
    }

    async fn sm_07_bounces_do_not_hold_up_other_mail(db) {
        let relay = Relay::start(Protection::None).await;
        relay.rule(At::Recipient, "gone", Reply::Say("550 5.1.1 unknown"));
        let post = post(db, relay.port);
        for number in 0..200 {
            post.put(&format!("gone{number}@example.com"), &NOTICE).await;
        }
        post.run();
        post.put("nina@example.com", &NOTICE).await;
        let since = Instant::now();
        post.until_empty().await;
        assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
        assert_eq!(relay.letters().len(), 1);
        // A refusal does not cost the connection.
        assert!(relay.connections() < 100, "{}", relay.connections());
    }
}
