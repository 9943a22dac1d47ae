//! PX-13: a process that stands still in the middle of a call, while what the call relies on ends elsewhere.

use std::time::Duration;

use accountd::proto::OtpPurpose;
use tokio::time::{sleep, timeout};
use tonic::Code;

use crate::support::{
    client::{Client, PASSWORD, assert_refused, reason},
    cluster::Cluster,
    codes::Who,
    service::Engines,
};

/// Every call outwards of the process is up to so many milliseconds late: a call takes a second or two.
const LATE: &str = "noise 1 1000 250 0\n";
/// When the process is stopped, after the call began.
const STOPS: [u64; 6] = [40, 120, 250, 400, 600, 900];
/// How long the other node may need while the first one holds what it needs; the process goes on then.
const HELD: Duration = Duration::from_secs(2);
/// Beyond this, a call hangs.
const MOST: Duration = Duration::from_secs(30);

/// Two nodes, of which the first is slow.
async fn two_nodes() -> Cluster {
    let cluster = Cluster::start(Engines::Production, 2, &[]).await;
    cluster.node(0).client().join("ada").await;
    cluster.node(0).order(LATE);
    cluster
}

/// Lets `slow` begin on the first node, stops that, does `quick` on the other, and lets the first one go on. What both
/// were answered, and whether the first was under way when it was stopped.
async fn overtaken<A, B>(
    cluster: &Cluster,
    stop: u64,
    slow: impl Future<Output = A> + Send + 'static,
    quick: impl Future<Output = B>,
) -> (A, B, bool)
where
    A: Send + 'static,
{
    let slow = tokio::spawn(slow);
    sleep(Duration::from_millis(stop)).await;
    cluster.stop(0).await;
    let was_under_way = !slow.is_finished();
    let mut quick = std::pin::pin!(quick);
    let done = timeout(HELD, quick.as_mut()).await;
    cluster.resume(0);
    // Where the first one holds the row, the second waits for it.
    let done = match done {
        Ok(done) => done,
        Err(_) => timeout(MOST, quick).await.expect("the quick call hangs"),
    };
    let slow = timeout(MOST, slow).await.expect("the slow call hangs");
    (slow.unwrap(), done, was_under_way)
}

/// Ends the session, however often that must be asked for.
async fn log_out(client: &Client) {
    while let Err(status) = client.logout().await {
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn px_13_a_process_that_stood_still_in_a_refresh_revives_no_session() {
    let cluster = two_nodes().await;
    let [one, two] = [0, 1].map(|number| cluster.node(number).client());
    let mut overtakings = 0;
    for stop in STOPS {
        let tokens = two.login("ada", PASSWORD).await.unwrap().tokens.unwrap();
        let (here, token) = (one.clone(), tokens.refresh_token.clone());
        let refresh = async move { here.refresh(&token).await };
        let owner = two.with(&tokens.access_token);
        let (next, (), was_under_way) = overtaken(&cluster, stop, refresh, log_out(&owner)).await;
        overtakings += usize::from(was_under_way);
        let mut works = vec![tokens];
        match next {
            Ok(next) => works.push(next),
            Err(refused) => {
                let known = [
                    "REFRESH_TOKEN_INVALID",
                    "DEPENDENCY_UNAVAILABLE",
                    "CONFLICT",
                ];
                assert!(known.contains(&reason(&refused).as_str()), "{refused:?}");
            }
        }
        for tokens in works {
            for client in [&one, &two] {
                let client = client.with(&tokens.access_token);
                let gone = client.current().await;
                assert_refused(gone, Code::Unauthenticated, "TOKEN_REVOKED");
                let gone = client.refresh(&tokens.refresh_token).await;
                assert_refused(gone, Code::Unauthenticated, "REFRESH_TOKEN_INVALID");
            }
        }
    }
    assert!(overtakings > 0, "no refresh was under way");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn px_13_a_process_that_stood_still_with_a_code_does_not_take_it_again() {
    let cluster = two_nodes().await;
    let [one, two] = [0, 1].map(|number| cluster.node(number).client());
    let mut overtakings = 0;
    for stop in STOPS {
        let (id, code) = two.pending(&format!("eve{stop}")).await;
        let (here, slow_id, slow_code) = (one.clone(), id.clone(), code.clone());
        let slow = async move {
            let who = Who::Id(&slow_id);
            here.bring(OtpPurpose::Activate, who, &slow_code).await
        };
        let quick = two.bring(OtpPurpose::Activate, Who::Id(&id), &code);
        let (slow, quick, was_under_way) = overtaken(&cluster, stop, slow, quick).await;
        overtakings += usize::from(was_under_way);
        assert!(
            slow.is_ok() != quick.is_ok(),
            "one of two is served: {slow:?}, {quick:?}"
        );
        let served = slow.or(quick).unwrap().tokens.unwrap();
        let sessions = two.with(&served.access_token).sessions().await.unwrap();
        assert_eq!(sessions.len(), 1, "one session was opened");
    }
    assert!(overtakings > 0, "no code was under way");
}
