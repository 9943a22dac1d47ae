//! Panics in every kind of worker, and in calls of a real process: each ends one thing, and is told as an error.

use std::time::Duration;

use accountd::{
    accounts::picture::collect_pictures,
    command::serve::{housekeeping::sweep, workers::keep},
    faults::Fault,
    proto::PictureVariant,
    store::{audit_event, picture},
};
use futures_util::future::join_all;
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tonic::Code;

use crate::support::{
    client::{Client, PASSWORD, assert_refused},
    cluster::{Cluster, Orders},
    health::{ServingStatus, becomes},
    pictures, samples,
    service::{Engines, on_both_engines, start},
    waiting::until,
};

/// Longer than any pause that a worker makes.
const MOST: Duration = Duration::from_secs(30);

struct House {
    cluster: Cluster,
}

impl House {
    async fn start(engines: Engines) -> Self {
        Self {
            cluster: Cluster::start(engines, 1, &[]).await,
        }
    }

    fn orders(&self) -> &Orders {
        self.cluster.node(0).orders()
    }

    fn client(&self) -> Client {
        self.cluster.node(0).client()
    }

    /// How many panics the log tells, at the level that alarms.
    fn alarms(&self) -> usize {
        let log = self.cluster.node(0).log();
        let lines = log.lines();
        lines
            .filter(|line| line.contains("ERROR") && line.contains("a panic"))
            .count()
    }

    /// Lets whatever comes by that point panic, once, and waits until it has.
    async fn panic_at(&self, point: &str, most: Duration) {
        self.panic_at_when(point, most, async {}).await;
    }

    /// The same, of what comes by since something is done.
    async fn panic_at_when(&self, point: &str, most: Duration, done: impl Future<Output = ()>) {
        let before = self.alarms();
        self.orders().give(&format!("at panic 0 {point}")).await;
        done.await;
        let end = Instant::now() + most;
        while self.alarms() == before {
            assert!(Instant::now() < end, "nothing panicked at {point}");
            sleep(Duration::from_millis(20)).await;
        }
        self.orders().give("").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn px_06_a_panic_in_a_call_ends_that_call_and_alarms() {
    let house = House::start(Engines::Embedded).await;
    let client = house.client();
    let ada = client.joined("ada").await;
    for (number, point) in ["INSERT audit_events", "COMMIT", "BEGIN"]
        .iter()
        .enumerate()
    {
        let before = house.alarms();
        house.orders().give(&format!("at panic 0 {point}")).await;
        let registration = client.registration(&format!("person{number}"));
        let answer = client.register(registration.clone()).await;
        assert_refused(answer, Code::Internal, "INTERNAL");
        assert!(house.alarms() > before, "{point}");
        house.orders().give("").await;
        client.register(registration).await.unwrap();
    }
    let before = house.alarms();
    house.orders().give("at panic 0 SELECT sessions").await;
    assert_refused(ada.current().await, Code::Internal, "INTERNAL");
    assert!(house.alarms() > before);
    ada.current().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn px_06_mails_leave_after_a_panic_in_their_delivery() {
    let house = House::start(Engines::Embedded).await;
    let client = house.client();
    // In the worker itself, which looks into the outbox all the time.
    house.panic_at("UPDATE outbox", MOST).await;
    client.joined("ada").await;
    // In the task of one letter, before and after it has left.
    for (name, point) in [("bob", "mail send"), ("cyd", "DELETE outbox")] {
        let done = async {
            client.register(client.registration(name)).await.unwrap();
        };
        house.panic_at_when(point, MOST, done).await;
        client.joined(&format!("{name}2")).await;
    }
    let letter = client.code_for("bob@example.com").await;
    assert_eq!(letter.len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn px_06_health_is_told_after_a_panic_in_its_checkup() {
    let house = House::start(Engines::Production).await;
    house.panic_at("PING", MOST).await;
    let node = house.cluster.node(0);
    let channel = node.channel();
    node.sql().refuse();
    becomes(&channel, "", ServingStatus::NotServing).await;
    node.sql().pass();
    becomes(&channel, "", ServingStatus::Serving).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn px_06_what_removes_is_begun_anew_after_a_panic() {
    // Each begins a minute after its process.
    let most = MOST + Duration::from_mins(1);
    let workers = [
        ("pictures", "DELETE upload_tickets"),
        ("housekeeping", "DELETE audit_events"),
    ];
    join_all(workers.map(|(worker, point)| async move {
        let house = House::start(Engines::Embedded).await;
        house.panic_at(point, most).await;
        let is_begun_anew = || {
            let log = house.cluster.node(0).log();
            let mut lines = log.lines();
            let name = format!("worker=\"{worker}\"");
            lines.any(|line| line.contains("begun anew") && line.contains(&name))
        };
        until("the worker is begun anew", is_begun_anew).await;
        house.client().joined("ada").await;
    }))
    .await;
}

on_both_engines! {
    async fn px_06_a_removal_of_pictures_that_panicked_is_made_again(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        for side in [32, 24] {
            pictures::upload(&ada, &samples::png(side, side)).await.unwrap();
        }
        assert!(ada.current().await.unwrap().picture.is_some());
        let app = node.app.clone();
        app.faults.arm("objects delete", 1, Fault::Panic);
        let collecting = keep("pictures", CancellationToken::new(), {
            let app = app.clone();
            let clock = node.ground.clock.clone();
            move || {
                let (app, clock) = (app.clone(), clock.clone());
                async move {
                    // Beyond the wait until what could not be removed is tried again.
                    clock.advance(Duration::from_mins(6));
                    collect_pictures(&app).await.unwrap();
                }
            }
        });
        collecting.await;
        assert_eq!(app.faults.fired(), 1);
        let left = picture::Entity::find().count(&app.db).await.unwrap();
        assert_eq!(left, 1, "the one that is shown");
        let tokens = ada.login("ada", PASSWORD).await.unwrap().tokens.unwrap();
        let ada = ada.with(&tokens.access_token);
        pictures::download(&ada, PictureVariant::Full).await.unwrap();
    }

    async fn px_06_a_sweep_that_panicked_is_made_again(engines) {
        let node = start(engines).await;
        node.client().joined("ada").await;
        let app = node.app.clone();
        app.faults.arm("DELETE audit_events", 0, Fault::Panic);
        node.advance(Duration::from_hours(48));
        let sweeping = keep("housekeeping", CancellationToken::new(), {
            let app = app.clone();
            move || {
                let app = app.clone();
                async move { sweep(&app, Duration::from_hours(24)).await.unwrap() }
            }
        });
        sweeping.await;
        assert_eq!(app.faults.fired(), 1);
        let left = audit_event::Entity::find().count(&app.db).await.unwrap();
        assert_eq!(left, 0);
    }
}
