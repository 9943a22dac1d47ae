//! Taking letters out, putting them back, and who may.

use std::time::Duration;

use accountd::store::outbox::{self, Model};
use sea_orm::EntityTrait as _;
use uuid::Uuid;

use crate::support::database::both_engines;

const LEASE: Duration = Duration::from_mins(1);
const NOW: i64 = 1_795_256_130_000;

fn row(number: u128, due_at: i64) -> Model {
    Model {
        id: Uuid::from_u128(number),
        realm: "default".to_owned(),
        recipient: "nina@example.com".to_owned(),
        locale: "en".to_owned(),
        mail: "{}".to_owned(),
        created_at: due_at,
        due_at,
        not_after: Some(due_at + 300_000),
        attempts: 0,
        copies: 0,
        lease_until: None,
        last_error: None,
    }
}

fn ids(rows: &[Model]) -> Vec<u128> {
    rows.iter().map(|row| row.id.as_u128()).collect()
}

both_engines! {
    async fn what_is_due_is_taken_out_once(db) {
        for (number, due_at) in [(1, NOW), (2, NOW - 10), (3, NOW + 1), (4, NOW - 5)] {
            outbox::insert(&db, row(number, due_at)).await.unwrap();
        }
        let first = outbox::claim(&db, NOW, 2, LEASE).await.unwrap();
        assert_eq!(ids(&first), [2, 4]);
        assert_eq!(first[0].attempts, 1);
        assert_eq!(first[0].copies, 1);
        assert_eq!(first[0].lease_until, Some(NOW + 60_000));
        let second = outbox::claim(&db, NOW, 2, LEASE).await.unwrap();
        assert_eq!(ids(&second), [1]);
        assert!(outbox::claim(&db, NOW, 2, LEASE).await.unwrap().is_empty());
        outbox::done(&db, second[0].id).await.unwrap();
        assert_eq!(outbox::Entity::find().all(&db).await.unwrap().len(), 3);
    }

    async fn letters_refused_before_wait_behind_new_ones(db) {
        outbox::insert(&db, row(1, NOW - 10)).await.unwrap();
        let refused = outbox::claim(&db, NOW, 1, LEASE).await.unwrap();
        outbox::postpone(&db, &refused[0], NOW - 9, "451", false).await.unwrap();
        outbox::insert(&db, row(2, NOW)).await.unwrap();
        let next = outbox::claim(&db, NOW, 1, LEASE).await.unwrap();
        assert_eq!(ids(&next), [2]);
    }

    async fn a_letter_put_back_counts_as_a_copy_only_if_it_may_have_left(db) {
        outbox::insert(&db, row(1, NOW)).await.unwrap();
        let claimed = outbox::claim(&db, NOW, 1, LEASE).await.unwrap();
        outbox::postpone(&db, &claimed[0], NOW + 1000, "refused", false).await.unwrap();
        assert!(outbox::claim(&db, NOW + 999, 1, LEASE).await.unwrap().is_empty());
        let claimed = outbox::claim(&db, NOW + 1000, 1, LEASE).await.unwrap();
        assert_eq!((claimed[0].attempts, claimed[0].copies), (2, 1));
        assert_eq!(claimed[0].last_error.as_deref(), Some("refused"));
        outbox::postpone(&db, &claimed[0], NOW + 2000, "silence", true).await.unwrap();
        let claimed = outbox::claim(&db, NOW + 2000, 1, LEASE).await.unwrap();
        assert_eq!((claimed[0].attempts, claimed[0].copies), (3, 2));
    }

    async fn a_lease_that_ran_out_gives_no_say(db) {
        outbox::insert(&db, row(1, NOW)).await.unwrap();
        let late = outbox::claim(&db, NOW, 1, LEASE).await.unwrap();
        assert!(outbox::claim(&db, NOW + 59_999, 1, LEASE).await.unwrap().is_empty());
        let holder = outbox::claim(&db, NOW + 60_000, 1, LEASE).await.unwrap();
        assert_eq!(ids(&holder), [1]);
        outbox::postpone(&db, &late[0], NOW, "late", false).await.unwrap();
        assert!(outbox::claim(&db, NOW + 60_001, 1, LEASE).await.unwrap().is_empty());
    }

    async fn the_lag_is_that_of_the_oldest_letter_due(db) {
        assert_eq!(outbox::lag(&db, NOW).await.unwrap(), 0);
        outbox::insert(&db, row(1, NOW + 5000)).await.unwrap();
        assert_eq!(outbox::lag(&db, NOW).await.unwrap(), 0);
        outbox::insert(&db, row(2, NOW - 3000)).await.unwrap();
        outbox::insert(&db, row(3, NOW - 1000)).await.unwrap();
        assert_eq!(outbox::lag(&db, NOW).await.unwrap(), 3000);
    }
}
