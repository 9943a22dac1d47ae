//! Wrong guesses are counted in SQL too, so that a key-value store that is older than it was gives none back (I4).

use std::time::Duration;

use accountd::{faults::Fault, store::code};
use sea_orm::{EntityTrait as _, sea_query::Expr};
use tokio::time::{sleep, timeout};
use tonic::Code;

use super::disclosing;
use crate::support::{
    client::{assert_refused, wrong},
    codes::attempts_left,
    service::{Ground, Node, on_both_engines},
};

const MOST: Duration = Duration::from_secs(20);

async fn set_wrong_guesses(node: &Node, count: i32) {
    code::Entity::update_many()
        .col_expr(code::Column::WrongGuesses, Expr::value(count))
        .exec(&node.app.db)
        .await
        .unwrap();
}

on_both_engines! {
    async fn ot_10_guesses_that_sql_has_counted_are_gone(engines) {
        let node = Ground::with(engines, disclosing).await.node().await;
        let client = node.client();
        let (id, code) = client.pending("ada").await;
        set_wrong_guesses(&node, 4).await;
        let last = client.activate(&id, &wrong(&code)).await.unwrap_err();
        assert_eq!(attempts_left(&last), Some(0));
        assert_refused::<()>(Err(last), Code::InvalidArgument, "CODE_INCORRECT");
        for digits in [&code, &wrong(&code)] {
            let more = client.activate(&id, digits).await;
            assert_refused(more, Code::ResourceExhausted, "CODE_ATTEMPTS_EXHAUSTED");
        }
    }

    async fn ot_10_a_guess_beyond_the_last_that_was_counted_is_not_told_as_one_of_them(engines) {
        let node = Ground::with(engines, disclosing).await.node().await;
        let client = node.client();
        let (id, code) = client.pending("ada").await;
        let faults = &node.app.faults;
        faults.arm("UPDATE codes", 0, Fault::Delay(Duration::from_secs(1)));
        let fired = faults.fired();
        let guess = tokio::spawn(async move { client.activate(&id, &wrong(&code)).await });
        let is_held = async {
            while faults.fired() == fired {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(MOST, is_held).await.unwrap();
        set_wrong_guesses(&node, 5).await;
        assert_refused(guess.await.unwrap(), Code::ResourceExhausted, "CODE_ATTEMPTS_EXHAUSTED");
    }
}
