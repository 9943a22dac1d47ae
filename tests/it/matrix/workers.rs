//! The matrix of what goes on beside the calls: the way of a letter, and the removal of what is over.

use std::{collections::BTreeSet, time::Duration};

use accountd::{
    accounts::picture::collect_pictures,
    command::serve::housekeeping::sweep,
    faults::Fault,
    store::{audit_event, picture, session, upload_ticket},
};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};

use super::{
    cells::{fresh_name, spared},
    state::Tables,
};
use crate::support::{
    client::{Client, PASSWORD},
    pictures, samples,
    service::{Ground, Node, on_both_engines},
};

const FAULTS: [Fault; 5] = [
    Fault::FailBefore,
    Fault::FailAfter,
    Fault::Garble,
    Fault::Delay(Duration::from_millis(50)),
    Fault::Silence,
];

/// How long calls outside are waited for, here.
const PATIENCE: Duration = Duration::from_secs(1);
/// Beyond every lease of what is taken out, and every wait until it is tried again.
const LATER: Duration = Duration::from_mins(6);
/// What is waited for at the most, on a machine with other things to do.
const MOST: Duration = Duration::from_secs(30);
/// As many copies of a letter as may leave.
const COPIES: usize = 3;
const YEAR: Duration = Duration::from_hours(365 * 24);

async fn impatient(engines: crate::support::service::Engines) -> Node {
    let mut ground = Ground::new(engines).await;
    ground.patience = Some(PATIENCE);
    ground.node().await
}

/// A letter to somebody leaves under a fault at that point of its way.
async fn letter(node: &Node, tables: &Tables, point: &str, fault: Fault) -> Result<(), String> {
    let (client, faults) = (node.client(), &node.ground.delivery_faults);
    let (name, fired) = (fresh_name(), faults.fired());
    let address = format!("{name}@example.com");
    faults.arm(point, 0, fault);
    client.register(client.registration(&name)).await.unwrap();
    // Time passes until whoever holds the letter has let go of it.
    let wake = || {
        node.advance(Duration::from_secs(5));
        node.app.mail.notify_one();
    };
    let has_left = tables.all_mailed(MOST, wake).await;
    let letters = node.ground.mailer.outbox();
    let copies = letters.iter().filter(|letter| letter.to == address).count();
    if faults.fired() == fired {
        return Err(String::from("the point was not passed"));
    }
    if has_left && (1..=COPIES).contains(&copies) {
        Ok(())
    } else {
        Err(format!("left: {has_left}, {copies} copies have arrived"))
    }
}

/// Makes a session, events, and a picture with its tickets that are all over after a year.
async fn litter(node: &Node) -> Client {
    let name = fresh_name();
    let client = node.client();
    let owner = client.joined(&name).await;
    pictures::upload(&owner, &samples::png(32, 24))
        .await
        .unwrap();
    owner.delete(PASSWORD).await.unwrap();
    let message = accountd::proto::RegisterRequest {
        picture_ticket: true,
        ..client.registration(&format!("{name}b"))
    };
    client.register(message).await.unwrap();
    node.advance(YEAR * 2);
    client
}

/// Removes all that is over, as the two workers do in turns.
async fn tidy(node: &Node) -> (bool, bool) {
    (
        collect_pictures(&node.app).await.is_ok(),
        sweep(&node.app, YEAR).await.is_ok(),
    )
}

async fn left(node: &Node) -> [u64; 4] {
    let db = &node.app.db;
    [
        picture::Entity::find().count(db).await.unwrap(),
        upload_ticket::Entity::find().count(db).await.unwrap(),
        session::Entity::find().count(db).await.unwrap(),
        audit_event::Entity::find().count(db).await.unwrap(),
    ]
}

/// Files in the store of pictures.
fn files(node: &Node) -> usize {
    fn count(directory: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(directory).into_iter().flatten();
        let sizes = entries.map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { count(&path) } else { 1 }
        });
        sizes.sum()
    }
    count(&node.ground.settings.pictures_directory())
}

on_both_engines! {
    async fn sq_03_each_call_of_the_delivery_fails_once_and_the_letter_leaves(engines) {
        let node = impatient(engines).await;
        let tables = Tables::open(&node.ground.store.url).await;
        let faults = node.ground.delivery_faults.clone();
        faults.record();
        node.client().join("ada").await;
        assert!(tables.all_mailed(MOST, || node.app.mail.notify_one()).await);
        let points: BTreeSet<String> = faults.recorded().into_iter().collect();
        assert!(points.contains("mail send") && points.len() > 2, "{points:?}");
        let mut wrong = Vec::new();
        for point in &points {
            for fault in FAULTS {
                // A letter that is never answered is bounded by its own way out, below this seam.
                if (point.as_str(), fault) == ("mail send", Fault::Silence) {
                    continue;
                }
                if let Err(what) = letter(&node, &tables, point, fault).await {
                    wrong.push(format!("{point}, {fault:?}: {what}"));
                }
                faults.disarm();
            }
        }
        println!("{} points × {} faults: {points:?}", points.len(), FAULTS.len());
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    async fn os_05_each_call_of_the_workers_that_remove_fails_once(engines) {
        let node = impatient(engines).await;
        let faults = &node.app.faults;
        litter(&node).await;
        faults.record();
        assert_eq!(tidy(&node).await, (true, true));
        let points = faults.recorded();
        assert!(points.iter().any(|point| point == "objects delete"), "{points:?}");
        assert_eq!((left(&node).await, files(&node)), ([0; 4], 0));
        let mut wrong = Vec::new();
        for (index, point) in points.iter().enumerate() {
            for fault in FAULTS {
                litter(&node).await;
                let fired = faults.fired();
                faults.arm(point, spared(&points, index), fault);
                let first = tidy(&node).await;
                if faults.fired() == fired {
                    wrong.push(format!("{point} ({index}), {fault:?}: was not passed"));
                }
                faults.disarm();
                node.advance(LATER);
                let second = tidy(&node).await;
                let rest = (left(&node).await, files(&node));
                if second != (true, true) || rest != ([0; 4], 0) {
                    wrong.push(format!("{point} ({index}), {fault:?}: {first:?}, {second:?}, then {rest:?}"));
                }
            }
        }
        println!("{} points × {} faults", points.len(), FAULTS.len());
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
