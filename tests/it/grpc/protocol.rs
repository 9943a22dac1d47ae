//! HTTP/2 and gRPC as an attacker would speak them. Each attack goes to loopback and is small: it shows the bound, not
//! the load.

mod connections;
mod descriptors;
mod envelopes;
mod floods;
mod headers;

use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::support::{client::reason, service::Node};

/// Asserts that others are served, and soon.
async fn assert_serves_others(node: &Node) {
    let began = Instant::now();
    let channel = tonic::transport::Endpoint::from_shared(format!("http://{}", node.address));
    let answer = timeout(Duration::from_secs(5), async {
        let channel = channel.unwrap().connect().await.unwrap();
        let mut rpc = accountd::proto::account_service_client::AccountServiceClient::new(channel);
        rpc.get_current(accountd::proto::GetCurrentRequest {}).await
    });
    let status = answer.await.expect("an answer").unwrap_err();
    assert_eq!(reason(&status), "TOKEN_MISSING");
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
}
