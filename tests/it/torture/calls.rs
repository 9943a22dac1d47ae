//! Calls, each with a verdict: done, refused for a reason, or nobody knows.

use std::{future::Future, time::Duration};

use prost::Message;
use tokio::time::{Instant, sleep, timeout};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use super::{
    history::WHO,
    world::{Decision, World},
};
use crate::support::raw;

/// How long a call may take, as its caller says.
const DEADLINE: Duration = Duration::from_secs(3);
/// How long its caller waits for a node that stands still.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a caller repeats a call until something is decided. All faults of a run are far shorter.
const INSISTENCE: Duration = Duration::from_mins(1);

/// What became of a call.
#[derive(Clone, Debug)]
pub(super) enum Verdict<A> {
    /// It was done.
    Done(A),
    /// It was refused, for this reason.
    Refused(String),
    /// Nobody knows: no answer, or none yet.
    Unknown,
}

impl World {
    /// Makes one call; its id is in `id`.
    pub(super) async fn call<Q, A>(
        &self,
        node: usize,
        method: &'static str,
        message: &Q,
        token: &str,
        id: &str,
    ) -> Verdict<A>
    where
        Q: Message + Clone + 'static,
        A: Message + Default + 'static,
    {
        let path = raw::path_of(method);
        let request = request(message.clone(), token, id);
        let answer = raw::unary::<Q, A>(self.channel(node), &path, request);
        self.verdict(node, method, id, answer).await
    }

    /// What an answer says that is waited for, under the call's id.
    pub(super) async fn verdict<A>(
        &self,
        node: usize,
        method: &'static str,
        id: &str,
        answer: impl Future<Output = Result<A, Status>>,
    ) -> Verdict<A> {
        let answer = timeout(PATIENCE, answer).await;
        let who = WHO.try_with(Clone::clone).unwrap_or_default();
        let verdict = match answer {
            Ok(Ok(answer)) => Verdict::Done(answer),
            Ok(Err(status)) => self.judge(&who, method, &status),
            Err(_) => Verdict::Unknown,
        };
        let told = match &verdict {
            Verdict::Done(_) => "done",
            Verdict::Refused(reason) => reason.as_str(),
            Verdict::Unknown => "no verdict",
        };
        self.history.count(format!("{method}: {told}"));
        self.history.note(&who, format!("{id} at {node}: {told}"));
        verdict
    }

    fn judge<A>(&self, who: &str, method: &str, status: &Status) -> Verdict<A> {
        let Some(info) = status.get_details_error_info() else {
            if !is_of_the_line(status) {
                let text = format!("{method} ended without a reason: {status:?}");
                self.history.break_off(who, "no call breaks", &text);
            }
            return Verdict::Unknown;
        };
        match info.reason.as_str() {
            "DEPENDENCY_UNAVAILABLE" | "DEADLINE_EXCEEDED" | "OVERLOADED" | "CONFLICT" => {
                Verdict::Unknown
            }
            "INTERNAL" => {
                let text = format!("{method} broke: {status:?}");
                self.history.break_off(who, "no call breaks", &text);
                Verdict::Unknown
            }
            _ => Verdict::Refused(info.reason),
        }
    }

    /// Makes one call that leaves an event if it is decided.
    pub(super) async fn ask<Q, A>(
        &self,
        node: usize,
        method: &'static str,
        message: &Q,
        id: String,
    ) -> Verdict<A>
    where
        Q: Message + Clone + 'static,
        A: Message + Default + 'static,
    {
        let verdict = self.call::<Q, A>(node, method, message, "", &id).await;
        let refused = match &verdict {
            Verdict::Done(_) => None,
            Verdict::Refused(reason) => Some(reason.clone()),
            Verdict::Unknown => return verdict,
        };
        self.decisions.lock().unwrap().push(Decision {
            method,
            message: message.encode_to_vec(),
            attempts: vec![id],
            refused,
        });
        verdict
    }

    /// Repeats a call until it is decided, on one node after another. None when an invariant was broken before.
    pub(super) async fn insist<Q, A>(
        &self,
        node: usize,
        method: &'static str,
        message: &Q,
        token: &str,
    ) -> Option<Result<A, String>>
    where
        Q: Message + Clone + 'static,
        A: Message + Default + 'static,
    {
        let attempt =
            |node, id: String| async move { self.call(node, method, message, token, &id).await };
        self.repeat(node, method, message.encode_to_vec(), attempt)
            .await
    }

    /// The same with an attempt of any kind, which gets a node and an id.
    pub(super) async fn repeat<A, Attempt>(
        &self,
        node: usize,
        method: &'static str,
        message: Vec<u8>,
        attempt: impl Fn(usize, String) -> Attempt,
    ) -> Option<Result<A, String>>
    where
        Attempt: Future<Output = Verdict<A>>,
    {
        let since = Instant::now();
        let mut attempts = Vec::new();
        let mut node = node;
        loop {
            let id = format!("{method}-{}", self.number());
            attempts.push(id.clone());
            let answer = match attempt(node, id).await {
                Verdict::Done(answer) => Ok(answer),
                Verdict::Refused(reason) => Err(reason),
                Verdict::Unknown if since.elapsed() > INSISTENCE => {
                    let who = WHO.try_with(Clone::clone).unwrap_or_default();
                    let first = &attempts[0];
                    let text = format!("{first} was not decided within {INSISTENCE:?}");
                    self.history.break_off(&who, "it recovers", &text);
                    return None;
                }
                Verdict::Unknown if self.history.is_broken() => return None,
                Verdict::Unknown => {
                    sleep(Duration::from_millis(50)).await;
                    node += 1;
                    continue;
                }
            };
            self.decisions.lock().unwrap().push(Decision {
                method,
                message,
                attempts,
                refused: answer.as_ref().err().cloned(),
            });
            return Some(answer);
        }
    }
}

/// A request with its token, if it has one, its id and its deadline.
pub(super) fn request<Q>(message: Q, token: &str, id: &str) -> Request<Q> {
    let mut request = Request::new(message);
    let lines = request.metadata_mut();
    if !token.is_empty() {
        lines.insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    lines.insert("x-request-id", id.parse().unwrap());
    request.set_timeout(DEADLINE);
    request
}

/// Whether the library says it by itself, of a connection that broke or a node that does not answer.
fn is_of_the_line(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable | Code::Cancelled | Code::DeadlineExceeded => true,
        Code::Unknown | Code::Internal => std::error::Error::source(status).is_some(),
        _ => false,
    }
}
