//! A mail relay that is silent or refuses: calls go on as usual, and letters leave when it returns.

use std::time::Duration;

use accountd::{proto::OtpPurpose, store::outbox};
use sea_orm::{
    ColumnTrait as _, DatabaseConnection, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
};
use tokio::time::{Instant, sleep, timeout};

use super::calls::ANSWER;
use crate::support::{client::PASSWORD, cluster::Cluster, codes::Who, service::Engines};

/// The wait between two codes, and a second.
const COOLDOWN: Duration = Duration::from_secs(61);
/// The longest wait of the delivery while the relay is out of reach.
const AGAIN: Duration = Duration::from_secs(30);

/// Letters that wait and that somebody has tried to send.
async fn tried(db: &DatabaseConnection) -> u64 {
    let tried = outbox::Column::Attempts.gt(0);
    outbox::Entity::find()
        .filter(tried)
        .count(db)
        .await
        .unwrap()
}

/// Registers and asks for another code while no mail leaves, and brings the code back when it has come.
async fn goes_on_without_mail(silent: bool) {
    let cluster = Cluster::start(Engines::Production, 1, &[]).await;
    let (node, mail) = (cluster.node(0), &cluster.outside().mail);
    let client = node.client();
    client.joined("ada").await;
    if silent {
        mail.silence();
    } else {
        mail.refuse();
    }
    for name in ["eve", "bob"] {
        let registered = timeout(ANSWER, client.register(client.registration(name))).await;
        registered.expect("a registration hangs").unwrap();
    }
    let bob = Who::Username("bob");
    node.orders().pass(COOLDOWN).await;
    let asked = timeout(ANSWER, client.ask_again(OtpPurpose::Activate, bob)).await;
    asked.expect("asking again hangs").unwrap();
    // What needs no mail does not know of it.
    timeout(ANSWER, client.login("ada", PASSWORD))
        .await
        .expect("a login hangs")
        .unwrap();
    let db = cluster.outside().sql().await;
    let since = Instant::now();
    while tried(&db).await < 3 {
        assert!(since.elapsed() < AGAIN, "nobody has tried the relay");
        sleep(Duration::from_millis(20)).await;
    }
    assert!(client.letters_to("bob@example.com").is_empty());

    mail.pass();
    node.orders().pass(AGAIN).await;
    for address in ["eve@example.com", "bob@example.com"] {
        client.mails_to(address, 1).await;
    }
    // The newer code of the two, in whatever order they come.
    let codes = client.codes_for("bob@example.com", 2).await;
    let mut taken = 0;
    for code in &codes {
        taken += usize::from(client.bring(OtpPurpose::Activate, bob, code).await.is_ok());
    }
    assert_eq!(taken, 1, "one of {codes:?} works, once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sm_01_while_the_relay_refuses_calls_go_on_and_letters_leave_at_its_return() {
    goes_on_without_mail(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sm_02_while_the_relay_is_silent_calls_go_on_and_letters_leave_at_its_return() {
    goes_on_without_mail(true).await;
}
