//! Mail that leaves, once.

use std::{collections::BTreeSet, time::Duration};

use accountd::{
    backend::{Clock, Mailer, mail},
    mails::{Mail, Purpose},
    store::outbox,
};
use uuid::Uuid;

use super::{NOW, Post, code, eventually};
use crate::support::database::both_engines;

fn memory(clock: &Clock) -> Mailer {
    Mailer::open(mail::Options::Memory, clock.clone()).expect("a mailer")
}

fn post(db: accountd::store::Db) -> Post {
    let clock = Clock::fixed(NOW);
    Post::new(db, memory(&clock), clock)
}

/// A mail with the code of the issue of that number.
fn numbered(number: u128) -> Mail {
    let mut mail = code(Purpose::Login);
    if let Mail::Code { issue, .. } = &mut mail {
        *issue = Uuid::from_u128(number);
    }
    mail
}

both_engines! {
    async fn a_mail_leaves_as_soon_as_it_is_queued(db) {
        let post = post(db);
        post.run();
        let id = post.put("nina@example.com", &code(Purpose::Activate)).await;
        post.until_empty().await;
        let letters = post.mailer.outbox();
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].id, id);
        assert_eq!(letters[0].to, "nina@example.com");
        assert_eq!(letters[0].subject, "The default realm: your code to activate your account");
        assert!(letters[0].text.contains("\n    482913\n"));
    }

    async fn two_workers_never_send_twice(db) {
        let post = post(db);
        let mut queued = BTreeSet::new();
        for number in 0..60 {
            queued.insert(post.put(&format!("n{number}@example.com"), &Mail::PasswordChanged).await);
        }
        post.run();
        post.run();
        post.until_empty().await;
        let sent: Vec<Uuid> = post.mailer.outbox().iter().map(|letter| letter.id).collect();
        assert_eq!(sent.len(), queued.len());
        assert_eq!(sent.into_iter().collect::<BTreeSet<_>>(), queued);
    }

    async fn sm_04_a_crash_after_claim_sends_again(db) {
        let post = post(db);
        let id = post.put("nina@example.com", &Mail::PasswordChanged).await;
        let lease = Duration::from_mins(1);
        let claimed = outbox::claim(&post.db, NOW.millis(), 16, lease).await.unwrap();
        assert_eq!(claimed.len(), 1);
        // Here its holder dies.
        post.run();
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert!(post.mailer.outbox().is_empty());
        post.clock.advance(lease);
        post.until_empty().await;
        let letters = post.mailer.outbox();
        assert_eq!(letters.len(), 1);
        // Copies can be recognised.
        assert_eq!(letters[0].id, id);
    }

    async fn at_most_three_copies_leave(db) {
        let post = post(db);
        post.put("nina@example.com", &Mail::PasswordChanged).await;
        let lease = Duration::from_mins(1);
        for _ in 0..3 {
            let now = post.clock.now().millis();
            assert_eq!(outbox::claim(&post.db, now, 16, lease).await.unwrap().len(), 1);
            post.clock.advance(lease);
        }
        post.run();
        post.until_empty().await;
        assert!(post.mailer.outbox().is_empty());
    }

    async fn an_expired_code_is_not_sent(db) {
        let post = post(db);
        post.put("nina@example.com", &code(Purpose::Login)).await;
        post.put("omar@example.com", &Mail::PasswordChanged).await;
        post.clock.advance(Duration::from_mins(5));
        post.run();
        post.until_empty().await;
        let letters = post.mailer.outbox();
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].to, "omar@example.com");
    }

    async fn a_panic_in_one_letter_ends_no_other(db) {
        let post = post(db);
        let poisoned = numbered(13);
        let worker = post.run();
        post.put("nina@example.com", &poisoned).await;
        eventually(async || post.rows().await.iter().any(|row| row.last_error.is_some())).await;
        post.put("omar@example.com", &Mail::PasswordChanged).await;
        eventually(async || post.mailer.outbox().len() == 1).await;
        assert!(!worker.is_finished());
    }

    async fn tk_16_a_code_whose_key_is_not_known_yet_leaves_later(db) {
        let post = post(db);
        post.run();
        post.put("nina@example.com", &numbered(14)).await;
        eventually(async || post.rows().await.iter().any(|row| row.last_error.is_some())).await;
        assert!(post.mailer.outbox().is_empty());
        post.clock.advance(Duration::from_secs(10));
        post.until_empty().await;
        let letters = post.mailer.outbox();
        assert_eq!(letters.len(), 1);
        assert!(letters[0].text.contains("482914"));
    }

    async fn a_mail_of_a_newer_version_waits(db) {
        let post = post(db);
        post.put("nina@example.com", &Mail::PasswordChanged).await;
        let mut row = post.rows().await.remove(0);
        outbox::done(&post.db, row.id).await.unwrap();
        r#"{"kind":"passkey_added"}"#.clone_into(&mut row.mail);
        outbox::insert(&post.db, row).await.unwrap();
        post.run();
        eventually(async || post.rows().await[0].last_error.is_some()).await;
        assert!(post.rows().await[0].due_at > NOW.millis());
    }

    async fn a_letter_is_not_tried_for_ever(db) {
        let post = post(db);
        post.put("nina@example.com", &Mail::PasswordChanged).await;
        post.clock.advance(Duration::from_secs(3 * 24 * 60 * 60 + 1));
        post.run();
        post.until_empty().await;
        assert!(post.mailer.outbox().is_empty());
    }

    async fn shutdown_ends_the_worker(db) {
        let post = post(db);
        let worker = post.run();
        post.shutdown.cancel();
        tokio::time::timeout(Duration::from_secs(5), worker).await.unwrap().unwrap();
    }
}
