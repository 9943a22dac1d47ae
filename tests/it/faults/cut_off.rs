//! One node that alone does not reach Redis.

use tonic::Code;

use crate::support::{
    client::{PASSWORD, assert_refused},
    cluster::{Cluster, Node},
    service::Engines,
};

/// Opens a session on one node, ends it there, and tries it on the other.
async fn ends_everywhere(on: &Node, other: &Node) {
    let tokens = on.client().login("ada", PASSWORD).await.unwrap().tokens;
    let token = tokens.unwrap().access_token;
    let (here, there) = (on.client().with(&token), other.client().with(&token));
    there.current().await.unwrap();
    here.logout().await.unwrap();
    // Twice: the second call may find what the first one left.
    for _ in 0..2 {
        for client in [&there, &here] {
            assert_refused(
                client.current().await,
                Code::Unauthenticated,
                "TOKEN_REVOKED",
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rd_08_what_one_node_revokes_is_refused_by_one_that_is_cut_off_from_redis() {
    let cluster = Cluster::start(Engines::Production, 2, &[]).await;
    let (one, two) = (cluster.node(0), cluster.node(1));
    one.client().joined("ada").await;
    for away in [one.kv(), two.kv()] {
        for silent in [false, true] {
            if silent {
                away.silence();
            } else {
                away.refuse();
            }
            ends_everywhere(one, two).await;
            ends_everywhere(two, one).await;
            away.pass();
        }
        ends_everywhere(one, two).await;
        ends_everywhere(two, one).await;
    }
}
