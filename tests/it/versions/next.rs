//! This version on the schema of the next one.

use accountd::proto::{ExportAccountsRequest, ListAccountsRequest, ListAuditEventsRequest};

use super::{ahead, life::live};
use crate::support::{
    cluster::{Cluster, Node},
    office::Office,
    service::{Engines, Ground, on_both_engines},
};

/// The database of a cluster's node.
pub(super) fn database(cluster: &Cluster, engines: Engines) -> String {
    match engines {
        Engines::Embedded => {
            let file = cluster.node(0).data().join("accountd.db");
            format!("sqlite://{}", file.display())
        }
        Engines::Production => cluster.outside().database.clone(),
    }
}

/// Somebody who stays.
async fn stay(node: &Node, name: &str) -> String {
    let joined = node.client().join(name).await;
    joined.tokens.unwrap().access_token
}

on_both_engines! {
    async fn sq_09_a_whole_life_on_the_schema_of_the_next_version(engines) {
        let mut cluster = Cluster::start(engines, 1, &[]).await;
        let before = stay(cluster.node(0), "ada").await;
        cluster.terminate(0).await;
        let url = database(&cluster, engines);
        ahead::take(&url).await;
        cluster.restart(0).await;
        assert!(cluster.node(0).log().contains("ahead of this version"));
        let client = cluster.node(0).client();
        live(&client, &client, "ben").await;
        let after = stay(cluster.node(0), "cleo").await;

        cluster.restart(0).await;
        let client = cluster.node(0).client();
        for (token, name) in [(before, "ada"), (after, "cleo")] {
            assert_eq!(client.with(&token).current().await.unwrap().username, name);
        }
        live(&client, &client, "dora").await;
        assert_eq!(ahead::written(&url, "accounts").await, 2, "ada and cleo");
        assert_eq!(ahead::written(&url, "sessions").await, 2);
        assert!(ahead::written(&url, "audit_events").await > 20);
    }

    async fn sq_09_operators_on_the_schema_of_the_next_version(engines) {
        let ground = Ground::new(engines).await;
        ahead::take(&ground.store.url).await;
        let node = ground.node().await;
        let client = node.client();
        live(&client, &client, "ada").await;
        client.join("ben").await;

        let office = Office::open(&node).await;
        let chief = office.chief();
        let list = ListAccountsRequest { realm: String::from("default"), ..Default::default() };
        let listed = chief.list_accounts(list).await.unwrap().accounts;
        let names: Vec<&str> = listed.iter().map(|account| account.username.as_str()).collect();
        assert_eq!(names, ["ben"]);
        let message = ListAuditEventsRequest { realm: String::from("default"), page_size: 100, ..Default::default() };
        let events = chief.list_audit_events(message).await.unwrap().events;
        for action in ["register", "login", "delete"] {
            assert!(events.iter().any(|event| event.action == action), "{action} in {events:?}");
        }
        let message = ExportAccountsRequest { realm: String::from("default"), ..Default::default() };
        assert_eq!(chief.export(message).await.unwrap().len(), 1);
    }
}
