//! What all persons share: the nodes, the mailbox, the record, and the tokens that must never work again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use prost::Message;
use tokio::{
    sync::RwLock,
    time::{Instant, sleep, timeout},
};
use tonic::{Request, Status, transport::Channel};
use tonic_types::StatusExt as _;
use uuid::Uuid;

use super::{
    history::{History, WHO},
    post::Post,
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

/// A token that was revoked before the call that ended it was answered.
#[derive(Clone)]
pub(super) struct Dead {
    pub(super) access: String,
    pub(super) refresh: String,
    pub(super) why: &'static str,
}

/// A call that is decided on by an event in the audit table.
pub(super) struct Decision {
    pub(super) method: &'static str,
    /// What was asked for, by which twins are known.
    pub(super) message: Vec<u8>,
    /// The ids of its attempts, of which the last one was answered.
    pub(super) attempts: Vec<String>,
    /// The reason of its refusal; none when it was done.
    pub(super) refused: Option<String>,
}

pub(super) struct World {
    pub(super) history: History,
    pub(super) post: Post,
    channels: Vec<Channel>,
    /// Held for reading by whoever acts; the nemesis holds it for writing while it moves a clock.
    pub(super) gate: RwLock<()>,
    /// Whether some clock is wrong, or all of them by an hour.
    pub(super) is_skewed: AtomicBool,
    pub(super) is_an_hour_late: AtomicBool,
    /// Whether some clock was wrong.
    pub(super) was_skewed: AtomicBool,
    pub(super) dead: Mutex<Vec<Dead>>,
    pub(super) decisions: Mutex<Vec<Decision>>,
    /// Live sessions by whose they are.
    pub(super) sessions: Mutex<BTreeMap<String, BTreeSet<String>>>,
    /// How many codes must have come to an address in the end.
    pub(super) expected: Mutex<BTreeMap<String, usize>>,
    number: AtomicU64,
}

impl World {
    pub(super) fn new(channels: Vec<Channel>, post: Post) -> Self {
        Self {
            history: History::new(),
            post,
            channels,
            gate: RwLock::new(()),
            is_skewed: AtomicBool::new(false),
            is_an_hour_late: AtomicBool::new(false),
            was_skewed: AtomicBool::new(false),
            dead: Mutex::default(),
            decisions: Mutex::default(),
            sessions: Mutex::default(),
            expected: Mutex::default(),
            number: AtomicU64::new(0),
        }
    }

    pub(super) fn nodes(&self) -> usize {
        self.channels.len()
    }

    /// A number that nobody else has.
    pub(super) fn number(&self) -> u64 {
        self.number.fetch_add(1, Ordering::SeqCst)
    }

    /// A name for a request that is repeated until it is decided.
    pub(super) fn request_id(&self) -> String {
        let number = u128::from(self.number());
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number).to_string()
    }

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
        let mut request = Request::new(message.clone());
        let lines = request.metadata_mut();
        if !token.is_empty() {
            lines.insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        lines.insert("x-request-id", id.parse().unwrap());
        request.set_timeout(DEADLINE);
        let channel = self.channels[node % self.channels.len()].clone();
        let path = raw::path_of(method);
        let answer = timeout(PATIENCE, raw::unary::<Q, A>(channel, &path, request)).await;
        let verdict = match answer {
            Ok(Ok(answer)) => Verdict::Done(answer),
            Ok(Err(status)) => self.judge(method, &status),
            Err(_) => Verdict::Unknown,
        };
        let told = match &verdict {
            Verdict::Done(_) => "done",
            Verdict::Refused(reason) => reason.as_str(),
            Verdict::Unknown => "no verdict",
        };
        self.history.count(format!("{method}: {told}"));
        let who = WHO.try_with(Clone::clone).unwrap_or_default();
        self.history.note(&who, format!("{id} at {node}: {told}"));
        verdict
    }

    fn judge<A>(&self, method: &str, status: &Status) -> Verdict<A> {
        // What the library says by itself when a connection breaks carries no reason.
        let Some(info) = status.get_details_error_info() else {
            return Verdict::Unknown;
        };
        match info.reason.as_str() {
            "DEPENDENCY_UNAVAILABLE" | "DEADLINE_EXCEEDED" | "OVERLOADED" | "CONFLICT" => {
                Verdict::Unknown
            }
            "INTERNAL" => {
                let text = format!("{method} broke: {status:?}");
                self.history.break_off("server", "no call breaks", &text);
                Verdict::Unknown
            }
            _ => Verdict::Refused(info.reason),
        }
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
        let since = Instant::now();
        let mut attempts = Vec::new();
        let mut node = node;
        loop {
            let id = format!("{method}-{}", self.number());
            attempts.push(id.clone());
            let answer = match self.call::<Q, A>(node, method, message, token, &id).await {
                Verdict::Done(answer) => Ok(answer),
                Verdict::Refused(reason) => Err(reason),
                Verdict::Unknown if since.elapsed() > INSISTENCE => {
                    let text = format!("{method} was not decided within {INSISTENCE:?}");
                    self.history.break_off(&attempts[0], "it recovers", &text);
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
                message: message.encode_to_vec(),
                attempts,
                refused: answer.as_ref().err().cloned(),
            });
            return Some(answer);
        }
    }

    /// Writes down that a code is on its way, after the call that sent it was answered.
    pub(super) fn expect_letter(&self, address: &str) {
        let mut expected = self.expected.lock().unwrap();
        *expected.entry(address.to_owned()).or_default() += 1;
    }

    /// An address that has not got all its codes yet.
    pub(super) fn missing_letter(&self) -> Option<String> {
        let all = self.post.all();
        let come = |address: &String| {
            let letters = all.get(address).into_iter().flatten();
            let codes = letters.filter(|letter| letter.code.is_some());
            let ids: BTreeSet<&str> = codes.map(|letter| letter.id.as_str()).collect();
            ids.len()
        };
        let expected = self.expected.lock().unwrap();
        let mut found = expected.iter().map(|(to, count)| (to, *count, come(to)));
        found
            .find(|(_, count, come)| come < count)
            .map(|(to, count, come)| format!("{come} of {count} codes came to {to}"))
    }

    /// Writes down that tokens were ended, after the call that ended them was answered.
    pub(super) fn bury(&self, dead: Dead) {
        self.dead.lock().unwrap().push(dead);
    }
}
