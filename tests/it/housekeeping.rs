//! What is over is removed, and nothing else.

use std::time::Duration;

use accountd::{
    command::serve::housekeeping::sweep,
    proto,
    store::{account, audit_event, code, reply, session},
};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};

use crate::support::{
    request_id::fresh_request_id,
    service::{Node, on_both_engines, start},
};

const YEAR: Duration = Duration::from_hours(365 * 24);

/// Accounts, sessions, codes, audit events and kept answers there are.
async fn counts(node: &Node) -> [u64; 5] {
    let db = &node.app.db;
    [
        account::Entity::find().count(db).await.unwrap(),
        session::Entity::find().count(db).await.unwrap(),
        code::Entity::find().count(db).await.unwrap(),
        audit_event::Entity::find().count(db).await.unwrap(),
        reply::Entity::find().count(db).await.unwrap(),
    ]
}

on_both_engines! {
    async fn each_table_is_swept_when_its_rows_are_over(engines) {
        let node = start(engines).await;
        let client = node.client();
        client.join("ada").await;
        let named = proto::RegisterRequest {
            request_id: fresh_request_id(),
            ..client.registration("eve")
        };
        client.register(named).await.unwrap();
        assert_eq!(counts(&node).await, [2, 1, 2, 3, 1]);

        sweep(&node.app, YEAR).await.unwrap();
        assert_eq!(counts(&node).await, [2, 1, 2, 3, 1], "nothing is over");

        node.advance(Duration::from_mins(10));
        sweep(&node.app, YEAR).await.unwrap();
        assert_eq!(counts(&node).await, [2, 1, 2, 3, 0], "the answer need not be told again");

        node.advance(Duration::from_hours(25));
        sweep(&node.app, YEAR).await.unwrap();
        assert_eq!(counts(&node).await, [1, 1, 2, 3, 0], "the registration is over, its budget is not");

        node.advance(Duration::from_hours(14 * 24));
        sweep(&node.app, YEAR).await.unwrap();
        assert_eq!(counts(&node).await, [1, 0, 0, 3, 0], "an idle session is over");

        node.advance(YEAR);
        sweep(&node.app, YEAR).await.unwrap();
        assert_eq!(counts(&node).await, [1, 0, 0, 0, 0], "the account stays");
    }

    async fn a_session_outlives_its_idle_end_by_the_life_of_a_token(engines) {
        let node = start(engines).await;
        node.client().join("ada").await;
        let rules = &node.app.realm("").unwrap().rules;
        let sessions = async || session::Entity::find().count(&node.app.db).await.unwrap();

        // A token that was given out just before the end is refused by the row.
        node.advance(rules.refresh_idle + node.app.policy.load().tokens.max_lifetime);
        sweep(&node.app, YEAR).await.unwrap();
        assert_eq!(sessions().await, 1);
        node.advance(Duration::from_secs(1));
        sweep(&node.app, YEAR).await.unwrap();
        assert_eq!(sessions().await, 0);
    }
}
