//! Lists of operators that take longer than the statement of a call may.

use std::time::Duration;

use accountd::proto::{ListAccountsRequest, admin_service_client::AdminServiceClient};
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use tokio::time::sleep;

use crate::support::{cluster::Cluster, office::Operator, redis, service::Engines};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_has_the_time_of_a_call_and_not_of_a_statement() {
    let address = format!("127.0.0.1:{}", redis::free_port());
    let variables = [("ACCOUNTD_ADMIN__LISTEN", address.as_str())];
    let cluster = Cluster::start(Engines::Production, 1, &variables).await;
    cluster.node(0).client().join("ada").await;
    let token = std::fs::read_to_string(cluster.node(0).data().join("admin.token")).unwrap();
    let operator = Operator {
        rpc: AdminServiceClient::connect(format!("http://{address}"))
            .await
            .unwrap(),
        token: Some(token.trim().to_owned()),
    };
    let outside = cluster.outside().sql().await;
    let lock = outside.begin().await.unwrap();
    lock.execute_unprepared("LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let unlocked = async {
        // More than twice store.statement_timeout.
        sleep(Duration::from_millis(1500)).await;
        lock.rollback().await.unwrap();
    };
    let (listed, ()) = tokio::join!(
        operator.list_accounts(ListAccountsRequest::default()),
        unlocked
    );
    assert_eq!(listed.unwrap().accounts.len(), 1);
}
