//! Two processes on one SQLite file, without a Redis to hear of each other: only the first holds callers, and nothing stale is
//! read at either.

use std::{process::Command, sync::Arc};

use accountd::proto::{GetCurrentRequest, LogoutRequest, UpdateRequest};
use tonic::{Code, Request};

use crate::support::{
    binary,
    served::{DIALECTS, Served},
};

/// More than are needed for the first to hold the caller.
const CALLS: usize = 20;
const ROUNDS: usize = 10;

async fn two_processes() -> [Served; 2] {
    let directory = Arc::new(tempfile::tempdir().unwrap());
    let start = || {
        let command = Command::new(binary::path());
        Served::start_in(Arc::clone(&directory), command, &DIALECTS)
    };
    let first = start().await;
    [first, start().await]
}

fn with_token<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.metadata_mut().insert("authorization", bearer);
    request
}

/// The name that a process tells.
async fn full_name(process: &Served, token: &str) -> String {
    let request = with_token(token, GetCurrentRequest {});
    let answer = process.client().await.get_current(request).await.unwrap();
    answer.into_inner().account.unwrap().full_name
}

#[tokio::test]
async fn i1_a_change_at_one_process_is_seen_at_another_on_the_same_file() {
    let processes = two_processes().await;
    assert!(processes[1].log().contains("another process may have"));
    let token = processes[0].joined("ada").await;
    for round in 0..ROUNDS {
        let [here, there] = [&processes[round % 2], &processes[(round + 1) % 2]];
        for _ in 0..CALLS {
            full_name(there, &token).await;
        }
        let full_name_now = format!("Ada the {round}th");
        let message = UpdateRequest {
            full_name: full_name_now.clone(),
            ..UpdateRequest::default()
        };
        let mut rpc = here.client().await;
        rpc.update(with_token(&token, message)).await.unwrap();
        assert_eq!(full_name(there, &token).await, full_name_now);
    }
}

#[tokio::test]
async fn i1_a_session_that_ended_at_one_process_is_refused_at_another_on_the_same_file() {
    let [first, second] = two_processes().await;
    for (name, here, there) in [("ada", &first, &second), ("grace", &second, &first)] {
        let token = first.joined(name).await;
        for _ in 0..CALLS {
            full_name(there, &token).await;
        }
        let message = with_token(&token, LogoutRequest::default());
        here.client().await.logout(message).await.unwrap();
        let request = with_token(&token, GetCurrentRequest {});
        let refused = there.client().await.get_current(request).await;
        assert_eq!(refused.unwrap_err().code(), Code::Unauthenticated);
    }
}
