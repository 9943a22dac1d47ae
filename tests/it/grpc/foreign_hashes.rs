//! An account whose password another system hashed: its owner logs in as ever, and from then on it has a hash of ours.

use std::time::Duration;

use accountd::{
    accounts::{
        fields::Password,
        password::{HashPool, Scheme},
    },
    proto::UpdateRequest,
    store::account::{self, Column},
};
use prost_types::FieldMask;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::Expr};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};
use tonic::Code;

use crate::support::{
    client::assert_refused,
    foreign_hashes::{LONG, PASSWORD, made},
    service::{Ground, Node, on_both_engines, start},
};

/// Puts a hash in the place of the account's, as an import would have it.
async fn put(node: &Node, hash: &str) {
    let done = account::Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(hash))
        .filter(Column::UsernameCanonical.eq("ada"))
        .exec(&node.app.db)
        .await
        .unwrap();
    assert_eq!(done.rows_affected, 1);
}

async fn stored(node: &Node) -> String {
    let row = account::Entity::find()
        .filter(Column::UsernameCanonical.eq("ada"))
        .one(&node.app.db)
        .await
        .unwrap();
    row.unwrap().password_hash
}

fn assert_ours(node: &Node, hash: &str) {
    let scheme = node.app.hashing.check_stored(hash);
    assert_eq!(scheme, Ok(Scheme::Argon2id));
    assert!(hash.starts_with("$argon2id$v=19$"), "{hash}");
}

/// Passwords that keep the threads busy, as other people's do, until it is dropped.
fn crowd(node: &Node, count: usize, iterations: u32) -> JoinSet<()> {
    let dear = format!(
        "$pbkdf2-sha256${iterations}$Z2FyYW0gZGFyaSBsYXV0IQ$dLvhrMq/8o243AawChuC5BNipv1WStv7ZPja6uSS7Sc"
    );
    let mut crowd = JoinSet::new();
    for _ in 0..count {
        let (hashing, dear) = (node.app.hashing.clone(), dear.clone());
        crowd.spawn(async move {
            let password = Password::presented("rahasia").unwrap();
            hashing.verify(password, dear, None).await.unwrap();
        });
    }
    crowd
}

/// Waits until it is so in the pool.
async fn until(node: &Node, is_so: impl Fn(&HashPool) -> bool) {
    let waited = async {
        while !is_so(&node.app.hashing) {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(30), waited)
        .await
        .expect("the crowd is over too soon");
}

on_both_engines! {
    async fn ov_01_a_login_does_not_wait_behind_others_for_its_new_hash(engines) {
        const OTHERS: usize = 40;
        let mut ground = Ground::new(engines).await;
        // So that what the dear ones take is not estimated from next to nothing.
        ground.hash_memory_kib = 4096;
        let node = ground.node().await;
        let client = node.client();
        client.join("ada").await;
        let (_, hash) = made().pop().unwrap();
        put(&node, &hash).await;
        let threads = node.app.hashing.threads();
        let _first = crowd(&node, threads, 2_000_000);
        until(&node, |pool| pool.running() == threads).await;
        let login = tokio::spawn(async move { client.login("ada", PASSWORD).await });
        until(&node, |pool| pool.waiting() > 0).await;
        let _others = crowd(&node, OTHERS, 200_000);
        until(&node, |pool| pool.waiting() > OTHERS).await;
        login.await.unwrap().unwrap();
        assert!(node.app.hashing.waiting() > OTHERS / 2, "it waited for all others");
        assert_eq!(stored(&node).await, hash, "the next login has its turn");
    }

    async fn a_login_replaces_what_another_system_stored(engines) {
        let node = start(engines).await;
        let client = node.client();
        client.join("ada").await;
        for (scheme, hash) in made() {
            put(&node, &hash).await;
            let refused = client.login("ada", "rahasia kecil").await;
            assert_refused(refused, Code::Unauthenticated, "INVALID_CREDENTIALS");
            assert_eq!(stored(&node).await, hash, "a wrong password changes nothing");

            let login = client.login("ada", PASSWORD).await;
            assert!(login.unwrap().tokens.is_some(), "{scheme}");
            let replaced = stored(&node).await;
            assert_ours(&node, &replaced);

            assert!(client.login("ada", PASSWORD).await.is_ok(), "{scheme}");
            let refused = client.login("ada", "rahasia kecil").await;
            assert_refused(refused, Code::Unauthenticated, "INVALID_CREDENTIALS");
            assert_eq!(stored(&node).await, replaced, "and it stays");
        }
    }

    async fn bi_03_a_long_password_behind_bcrypt_is_whole_after_its_first_login(engines) {
        let node = start(engines).await;
        let client = node.client();
        client.join("ada").await;
        put(&node, LONG).await;
        let same_start = "m".repeat(72);
        let whole = format!("{same_start} and more");
        assert!(client.login("ada", &whole).await.is_ok());
        assert_ours(&node, &stored(&node).await);
        assert!(client.login("ada", &whole).await.is_ok());
        for other in [format!("{same_start} and less"), same_start] {
            let refused = client.login("ada", &other).await;
            assert_refused(refused, Code::Unauthenticated, "INVALID_CREDENTIALS");
        }
    }

    async fn a_proof_of_the_password_replaces_it_too(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let (_, hash) = made().remove(0);
        put(&node, &hash).await;
        let update = |current: &str| UpdateRequest {
            update_mask: Some(FieldMask { paths: vec![String::from("full_name")] }),
            full_name: String::from("Ada"),
            current_password: current.to_owned(),
            ..UpdateRequest::default()
        };
        let refused = ada.update(update("rahasia kecil")).await;
        assert_refused(refused, Code::InvalidArgument, "CURRENT_PASSWORD_INCORRECT");
        assert_eq!(stored(&node).await, hash);
        ada.update(update(PASSWORD)).await.unwrap();
        assert_ours(&node, &stored(&node).await);
    }

    async fn a_hash_above_a_ceiling_lets_nobody_in_and_is_not_run(engines) {
        let node = start(engines).await;
        let client = node.client();
        client.join("ada").await;
        let dear = "$2b$15$abcdefghijklmnopqrstuuTY0W36cKKMVp.k0EQ9Pociv0.VwHAi6";
        put(&node, dear).await;
        let executed = node.app.hashing.tally().executed;
        let refused = client.login("ada", PASSWORD).await;
        assert_refused(refused, Code::Internal, "INTERNAL");
        assert_eq!(node.app.hashing.tally().executed, executed);
        assert_eq!(stored(&node).await, dear);
    }
}
