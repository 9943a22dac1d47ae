//! What people are told, and that it leaves.

mod deliver;
mod faults;
mod words;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use accountd::{
    backend::{Clock, Mailer, Random, Timestamp},
    mails::{
        Locale, Mail, Order, Purpose,
        deliver::{Delivery, run},
        queue,
    },
    store::{Db, outbox},
};
use sea_orm::EntityTrait as _;
use tokio::{sync::Notify, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// 2026-11-21 10:15:30 UTC.
const NOW: Timestamp = Timestamp::from_millis(1_795_256_130_000);

fn code(purpose: Purpose) -> Mail {
    Mail::Code {
        purpose,
        issue: Uuid::from_u128(7),
        nonce: *b"0123456789abcdef",
        key_id: "k1".to_owned(),
        subject: "default/nina@example.com".to_owned(),
        digits: 6,
        lifetime_seconds: 300,
    }
}

fn every_mail() -> Vec<Mail> {
    let new_address_masked = "o…@example.org".to_owned();
    vec![
        code(Purpose::Activate),
        code(Purpose::Login),
        code(Purpose::ProveAddress),
        code(Purpose::ChangeEmail),
        code(Purpose::ResetPassword),
        Mail::RegistrationAttempted,
        Mail::PasswordChanged,
        Mail::PasswordReset,
        Mail::EmailChangeRequested {
            new_address_masked: new_address_masked.clone(),
        },
        Mail::EmailChanged { new_address_masked },
        Mail::EmailClaimed,
        Mail::UsernameChanged,
        Mail::AccountDeleted,
    ]
}

/// A delivery at work, with what it works on.
struct Post {
    db: Db,
    mailer: Mailer,
    clock: Clock,
    random: Random,
    wake: Arc<Notify>,
    shutdown: CancellationToken,
}

impl Post {
    fn new(db: Db, mailer: Mailer, clock: Clock) -> Self {
        Self {
            db,
            mailer,
            clock,
            random: Random::seeded(1),
            wake: Arc::default(),
            shutdown: CancellationToken::new(),
        }
    }

    async fn put(&self, recipient: &str, mail: &Mail) -> Uuid {
        let now = self.clock.now();
        let id = self.random.id(now);
        let order = Order {
            id,
            realm: "default",
            recipient,
            locale: Locale::En,
            mail,
        };
        queue(&self.db, now, order).await.expect("queue");
        self.wake.notify_one();
        id
    }

    /// Starts a delivery; the code of the issue with number 13 makes it panic, and that of number 14 cannot be made at first.
    fn run(&self) -> JoinHandle<()> {
        let asked = Arc::<AtomicBool>::default();
        let delivery = Delivery {
            db: self.db.clone(),
            mailer: self.mailer.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
            from: "accountd <no-reply@localhost>".to_owned(),
            wake: Arc::clone(&self.wake),
            code_of: move |mail: &Mail| match mail {
                Mail::Code { issue, .. } if issue.as_u128() == 14 => {
                    let is_known = asked.swap(true, Ordering::Relaxed);
                    is_known.then(|| "482914".to_owned())
                }
                Mail::Code { issue, .. } => {
                    assert_ne!(issue.as_u128(), 13, "a mail that cannot be composed");
                    Some("482913".to_owned())
                }
                _ => None,
            },
            title_of: |realm: &str| format!("The {realm} realm"),
        };
        tokio::spawn(run(delivery, self.shutdown.clone()))
    }

    async fn rows(&self) -> Vec<outbox::Model> {
        outbox::Entity::find().all(&self.db).await.expect("rows")
    }

    async fn until_empty(&self) {
        eventually(async || self.rows().await.is_empty()).await;
    }
}

/// Waits for what must come, at most ten seconds.
async fn eventually(is_so: impl AsyncFn() -> bool) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), wait)
        .await
        .expect("it never came to be");
}
