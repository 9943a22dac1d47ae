//! What the store keeps and answers, as plain values.

use std::time::Duration;

use uuid::Uuid;

use super::MAX_TTL;

/// A one-time code that waits to be guessed: enough to derive it with the server's key, never the code itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveCode {
    /// Which sending of a code this is; a newer one replaces it.
    pub issue: Uuid,
    /// What the code is derived from, together with the server's key.
    pub nonce: [u8; 16],
    /// Which of the server's keys it is derived with.
    pub key_id: String,
    /// How many guesses are left.
    pub guesses: u32,
}

/// What became of a guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guess {
    /// There is no code, or none any more.
    Absent,
    /// The code is burnt: its guesses were used up before this one. It stays so until its time is over.
    Spent,
    /// The code to compare with; its `guesses` are those left after this one.
    Live(LiveCode),
}

/// Why a session is no longer valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The session was ended.
    Revoked,
    /// Its account was deleted.
    Deleted,
}

/// Stands for everything that SQL says of an account and its sessions: whoever changes any of it takes the stamp away
/// before the change is told, and no account gets the same one twice.
///
/// One that came over another connection is another one: behind it may be a server that was restored from an older state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub(super) value: [u8; 16],
    pub(super) line: u64,
}

/// What one look tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The mark of the session, if it has one that was not forgotten.
    pub mark: Option<Mark>,
    /// The stamp of the account, if it has one that was not forgotten.
    pub stamp: Option<Stamp>,
}

/// How often something may happen: a bucket of tokens that refills steadily.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens in a full bucket; an empty one of size zero never grants anything.
    pub burst: u32,
    /// The time after which one token comes back, at least a microsecond. Refilling a whole bucket takes at most
    /// [`MAX_TTL`]; a slower rate is cut to that.
    pub period: Duration,
}

impl Rate {
    /// The period and the time to fill a whole bucket, in microseconds.
    pub(super) fn micros(self) -> (i64, i64) {
        let longest = i64::try_from(MAX_TTL.as_micros()).unwrap_or(i64::MAX);
        let period = i64::try_from(self.period.as_micros())
            .unwrap_or(longest)
            .clamp(1, longest);
        let window = period.saturating_mul(i64::from(self.burst)).min(longest);
        (period, window)
    }
}

/// What became of the attempt to take a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The token was there.
    Granted,
    /// There will be one after this time, if nobody else takes it.
    Wait(Duration),
}
