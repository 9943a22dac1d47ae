//! What all persons share: the nodes, the mailbox, the record, and the tokens that must never work again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use accountd::backend::Clock;
use tokio::sync::RwLock;
use tonic::transport::Channel;

use super::{history::History, post::Post, token};
use crate::support::request_id::request_id;

/// A token that was revoked before the call that ended it was answered.
#[derive(Clone)]
pub(super) struct Dead {
    pub(super) access: String,
    /// None where another of the same session is tried.
    pub(super) refresh: Option<String>,
    pub(super) end: End,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    /// What is broken if it goes on.
    pub(super) invariant: &'static str,
    pub(super) why: &'static str,
}

/// A name that nobody has any more.
#[derive(Clone)]
pub(super) struct Gone {
    /// None where the account lives on under another name.
    pub(super) account_id: Option<String>,
    pub(super) name: String,
    pub(super) password: String,
}

/// What people do in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    /// All that there is.
    All,
    /// They look, change their names, and refresh, one call after the other.
    Plain,
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
    pub(super) seed: u64,
    pub(super) habit: Habit,
    /// Whether nothing is broken on purpose.
    pub(super) is_calm: bool,
    pub(super) history: History,
    pub(super) post: Post,
    channels: Vec<Channel>,
    /// Held for reading by whoever acts; the nemesis holds it for writing while it moves a clock.
    pub(super) gate: RwLock<()>,
    /// Whether the nemesis waits for it: nobody is to wait for a letter for long.
    pub(super) is_pausing: AtomicBool,
    /// Whether some clock is wrong, or all of them by an hour.
    pub(super) is_skewed: AtomicBool,
    pub(super) is_an_hour_late: AtomicBool,
    pub(super) dead: Mutex<Vec<Dead>>,
    pub(super) gone: Mutex<Vec<Gone>>,
    pub(super) decisions: Mutex<Vec<Decision>>,
    /// Live sessions by whose they are.
    pub(super) sessions: Mutex<BTreeMap<String, BTreeSet<String>>>,
    /// How many codes must have come to an address in the end.
    pub(super) expected: Mutex<BTreeMap<String, usize>>,
    /// How many of them need not come: their time was over by a clock that was wrong.
    excused: Mutex<BTreeMap<String, usize>>,
    number: AtomicU64,
}

impl World {
    pub(super) fn new(
        channels: Vec<Channel>,
        post: Post,
        seed: u64,
        habit: Habit,
        is_calm: bool,
    ) -> Self {
        Self {
            seed,
            habit,
            is_calm,
            history: History::new(),
            post,
            channels,
            gate: RwLock::new(()),
            is_pausing: AtomicBool::new(false),
            is_skewed: AtomicBool::new(false),
            is_an_hour_late: AtomicBool::new(false),
            dead: Mutex::default(),
            gone: Mutex::default(),
            decisions: Mutex::default(),
            sessions: Mutex::default(),
            expected: Mutex::default(),
            excused: Mutex::default(),
            number: AtomicU64::new(0),
        }
    }

    /// The way to a node; numbers go round.
    pub(super) fn channel(&self, node: usize) -> Channel {
        self.channels[node % self.channels.len()].clone()
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
        request_id(self.number().into())
    }

    /// Writes down that a code is on its way, after the call that sent it was answered.
    pub(super) fn expect_letter(&self, address: &str) {
        let mut expected = self.expected.lock().unwrap();
        *expected.entry(address.to_owned()).or_default() += 1;
    }

    /// An address that has not got all its codes yet.
    pub(super) fn missing_letter(&self) -> Option<String> {
        self.codes_come()
            .into_iter()
            .find(|(to, asked, come)| come + self.excused(to) < *asked)
            .map(|(to, asked, come)| format!("{come} of {asked} codes came to {to}"))
    }

    /// Writes down that codes which are under way may be dropped: clocks say that their time is over.
    pub(super) fn excuse_missing_letters(&self) {
        let counted = self.codes_come().into_iter();
        let missing = counted.filter(|(_, asked, come)| come < asked);
        let missing = missing.map(|(to, asked, come)| (to, asked - come));
        self.excused.lock().unwrap().extend(missing);
    }

    /// How many codes to an address need not come.
    pub(super) fn excused(&self, address: &str) -> usize {
        let excused = self.excused.lock().unwrap();
        excused.get(address).copied().unwrap_or_default()
    }

    /// An address that has got more codes than were asked for.
    pub(super) fn spare_letter(&self) -> Option<String> {
        self.codes_come()
            .into_iter()
            .find(|(_, asked, come)| come > asked)
            .map(|(to, asked, come)| format!("{come} codes came to {to}, {asked} were asked for"))
    }

    /// Each address with how many codes must come to it, and how many different ones have.
    fn codes_come(&self) -> Vec<(String, usize, usize)> {
        let all = self.post.all();
        let expected = self.expected.lock().unwrap().clone();
        let addresses: BTreeSet<&String> = all.keys().chain(expected.keys()).collect();
        let counted = addresses.into_iter().map(|address| {
            let letters = all.get(address).into_iter().flatten();
            let codes = letters.filter(|letter| letter.code.is_some());
            let ids: BTreeSet<&str> = codes.map(|letter| letter.id.as_str()).collect();
            let asked = expected.get(address).copied().unwrap_or_default();
            (address.clone(), asked, ids.len())
        });
        counted.collect()
    }

    /// Writes down that tokens were ended, after the call that ended them was answered. Their number.
    pub(super) fn bury(&self, dead: Dead) -> usize {
        let mut all = self.dead.lock().unwrap();
        all.push(dead);
        all.len() - 1
    }

    /// Whether a token may be refused for its time: its own is over, or a clock was wrong when it was issued, or one is.
    pub(super) fn is_out_of_time(&self, reason: &str, access: &str) -> bool {
        let is_skewed = self.is_skewed.load(Ordering::SeqCst);
        let (now, times) = (Clock::System.now().seconds(), token::times(access));
        match reason {
            "TOKEN_EXPIRED" => is_skewed || times.ends_at <= now,
            // No clock that is right issues a token in the future.
            "TOKEN_INVALID" => is_skewed || times.issued_at > now,
            _ => false,
        }
    }
}
