//! PR-10: no file descriptors left.

use std::{
    net::{SocketAddr, TcpStream},
    process::Command,
    time::Duration,
};

use accountd::proto::GetCurrentRequest;
use tokio::time::{Instant, sleep, timeout};

use crate::support::{binary, client::reason, served::Served};

/// Whether a new client is answered in time.
async fn is_answered(binary: &Served) -> bool {
    let call = async {
        let address = format!("http://{}", binary.address);
        let endpoint = tonic::transport::Endpoint::from_shared(address).unwrap();
        let channel = endpoint.connect().await.ok()?;
        let mut rpc = accountd::proto::account_service_client::AccountServiceClient::new(channel);
        rpc.get_current(GetCurrentRequest {}).await.err()
    };
    let answer = timeout(Duration::from_secs(1), call).await;
    matches!(answer, Ok(Some(status)) if !status.details().is_empty() && reason(&status) == "TOKEN_MISSING")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pr_10_the_listener_outlives_a_lack_of_descriptors() {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n 96; exec \"$0\""])
        .arg(binary::path());
    let binary = Served::start_by(command, &[]).await;
    assert!(is_answered(&binary).await);
    let address: SocketAddr = binary.address.parse().unwrap();
    let sockets: Vec<TcpStream> = (0..200)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    let began = Instant::now();
    while !binary.log().contains("cannot accept a connection") {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "descriptors do not run out"
        );
        sleep(Duration::from_millis(50)).await;
    }
    sleep(Duration::from_secs(1)).await;
    let lines = binary.log().lines().count();
    assert!(lines < 200, "{lines} lines of log");
    drop(sockets);
    let began = Instant::now();
    while !is_answered(&binary).await {
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "it does not come back: {}",
            binary.log()
        );
    }
}
