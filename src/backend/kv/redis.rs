//! The store in Redis: one command or script per call, on whichever connection stands.

use std::{borrow::Cow, sync::Arc, time::Duration};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use redis::{FromRedisValue, Script, cmd, pipe};
use uuid::Uuid;

use super::{
    Guess, LiveCode, Look, Mark, Mode, OpenError, Rate, RedisOptions, STAMP_TTL, Stamp, Taken,
    Unavailable, whole_millis,
};
use connection::Connection;
use key::Prefix;
use line::Line;
use scripts::Scripts;

mod connection;
mod dial;
mod inspect;
mod key;
mod line;
mod policy;
mod route;
mod scripts;

pub use dial::Failure;
pub(super) use inspect::inspect;

/// Marks on their way at the same time: enough to keep a connection busy, few enough to leave room to others.
const MARKS_AT_ONCE: usize = 32;

const UNREADABLE: Unavailable = Unavailable::because("a value cannot be read");

/// A store in Redis; clones share its connection.
#[derive(Clone)]
pub struct Redis(Arc<Inner>);

struct Inner {
    line: Line,
    prefix: Prefix,
    scripts: Scripts,
    has_stamps: bool,
}

impl From<redis::RedisError> for Unavailable {
    /// What Redis says about a command may quote the command, so only its code is passed on.
    fn from(error: redis::RedisError) -> Self {
        if error.is_io_error() {
            return Self(Cow::Owned(error.to_string()));
        }
        let reason = error.code().unwrap_or_else(|| error.category());
        Self(Cow::Owned(reason.to_owned()))
    }
}

impl Redis {
    /// Reaches the Redis of `options`; refusals are those of [`super::Kv::open`].
    pub(super) async fn open(options: &RedisOptions) -> Result<Self, OpenError> {
        let prefix = Prefix::parse(&options.prefix)?;
        let line = Line::open(options).await?;
        Ok(Self(Arc::new(Inner {
            line,
            prefix,
            scripts: Scripts::new(),
            has_stamps: matches!(options.mode, Mode::Single),
        })))
    }

    /// Behind Sentinel and in a cluster, a master that was cut off answers its own side for a while, and what was told on
    /// the other side is not known there.
    pub(super) fn has_stamps(&self) -> bool {
        self.0.has_stamps
    }

    pub(super) async fn ping(&self) -> Result<(), Unavailable> {
        self.send(cmd("PING")).await
    }

    pub(super) async fn put_code(
        &self,
        subject: &str,
        code: &LiveCode,
        ttl: Duration,
    ) -> Result<(), Unavailable> {
        let arguments = [
            code.issue.as_bytes().as_slice(),
            &code.nonce,
            code.key_id.as_bytes(),
            code.guesses.to_string().as_bytes(),
            whole_millis(ttl).to_string().as_bytes(),
        ]
        .map(<[u8]>::to_vec);
        let key = self.0.prefix.code(subject);
        self.run(&self.0.scripts.put_code, key, &arguments).await
    }

    pub(super) async fn guess_code(&self, subject: &str) -> Result<Guess, Unavailable> {
        let key = self.0.prefix.code(subject);
        let answer: Vec<Vec<u8>> = self.run(&self.0.scripts.guess_code, key, &[]).await?;
        match answer.as_slice() {
            [] => Ok(Guess::Absent),
            [word] if word == b"spent" => Ok(Guess::Spent),
            [issue, nonce, key_id, left] => read_code(issue, nonce, key_id, left)
                .map(Guess::Live)
                .ok_or(UNREADABLE),
            _ => Err(UNREADABLE),
        }
    }

    pub(super) async fn return_guess(&self, subject: &str, issue: Uuid) -> Result<(), Unavailable> {
        let key = self.0.prefix.code(subject);
        let arguments = [issue.as_bytes().to_vec()];
        self.run(&self.0.scripts.return_guess, key, &arguments)
            .await
    }

    pub(super) async fn is_spent(&self, subject: &str) -> Result<bool, Unavailable> {
        let mut get = cmd("HGET");
        get.arg(self.0.prefix.code(subject)).arg("guesses");
        let guesses: Option<i64> = self.send(get).await?;
        Ok(guesses.is_some_and(|guesses| guesses < 1))
    }

    pub(super) async fn drop_code(&self, subject: &str, issue: Uuid) -> Result<(), Unavailable> {
        let key = self.0.prefix.code(subject);
        let arguments = [issue.as_bytes().to_vec()];
        self.run(&self.0.scripts.drop_code, key, &arguments).await
    }

    pub(super) async fn announce(
        &self,
        account: Uuid,
        sessions: &[Uuid],
        mark: Mark,
        ttl: Duration,
    ) -> Result<(), Unavailable> {
        let sets = sessions
            .iter()
            .map(|session| self.set_mark(*session, mark, ttl));
        if !self.has_stamps() {
            return self.send_each(sets.collect()).await;
        }
        let mut steps = pipe();
        // First, so that whoever finds a mark knows that the stamp is gone.
        steps.add_command(self.delete_stamp(account));
        for set in sets {
            steps.add_command(set);
        }
        self.0
            .line
            .run(async move |mut connection| steps.exec_async(&mut connection).await)
            .await
    }

    /// One command each, not one pipeline: in a cluster they go to different nodes.
    async fn send_each(&self, commands: Vec<redis::Cmd>) -> Result<(), Unavailable> {
        let send = async move |connection: Connection| {
            stream::iter(commands)
                .map(|command| {
                    let mut connection = connection.clone();
                    async move { command.exec_async(&mut connection).await }
                })
                .buffer_unordered(MARKS_AT_ONCE)
                .try_collect()
                .await
        };
        self.0.line.run(send).await
    }

    pub(super) async fn mark_if_missing(
        &self,
        account: Uuid,
        session: Uuid,
        mark: Mark,
        ttl: Duration,
    ) -> Result<bool, Unavailable> {
        let mut set = self.set_mark(session, mark, ttl);
        set.arg("NX");
        // Nil where there is a mark already.
        let done: Option<String> = if self.has_stamps() {
            let mut steps = pipe();
            steps.add_command(self.delete_stamp(account)).ignore();
            steps.add_command(set);
            let run = async move |mut connection: Connection| {
                steps
                    .query_async::<(Option<String>,)>(&mut connection)
                    .await
            };
            self.0.line.run(run).await?.0
        } else {
            self.send(set).await?
        };
        Ok(done.is_some())
    }

    fn delete_stamp(&self, account: Uuid) -> redis::Cmd {
        let mut del = cmd("DEL");
        del.arg(self.0.prefix.stamp(account));
        del
    }

    pub(super) async fn stamp(&self, account: Uuid, fresh: [u8; 16]) -> Result<(), Unavailable> {
        if !self.has_stamps() {
            return Ok(());
        }
        let mut set = cmd("SET");
        set.arg(self.0.prefix.stamp(account))
            .arg(fresh.as_slice())
            .arg("PX")
            .arg(whole_millis(STAMP_TTL))
            .arg("NX");
        // Nil where there is one already.
        self.send::<Option<String>>(set).await.map(drop)
    }

    pub(super) async fn look(&self, session: Uuid, account: Uuid) -> Result<Look, Unavailable> {
        let mark = self.0.prefix.revoked(session);
        if !self.has_stamps() {
            let mut get = cmd("GET");
            get.arg(mark);
            let word: Option<Vec<u8>> = self.send(get).await?;
            let mark = read_mark(word.as_deref())?;
            return Ok(Look { mark, stamp: None });
        }
        // What is no string is taken for nothing, so that SQL is asked.
        let mut get = cmd("MGET");
        get.arg(mark).arg(self.0.prefix.stamp(account));
        let run = async move |mut connection: Connection| {
            let number = connection.number();
            let words: (Option<Vec<u8>>, Option<Vec<u8>>) =
                get.query_async(&mut connection).await?;
            Ok((number, words))
        };
        let (number, (word, value)) = self.0.line.run_briefly(run).await?;
        let stamp = match (number, value) {
            (Some(line), Some(value)) => Some(Stamp {
                value: value.try_into().map_err(|_| UNREADABLE)?,
                line,
            }),
            _ => None,
        };
        let mark = read_mark(word.as_deref())?;
        Ok(Look { mark, stamp })
    }

    fn set_mark(&self, session: Uuid, mark: Mark, ttl: Duration) -> redis::Cmd {
        let word = match mark {
            Mark::Revoked => "revoked",
            Mark::Deleted => "deleted",
        };
        let mut set = cmd("SET");
        set.arg(self.0.prefix.revoked(session))
            .arg(word)
            .arg("PX")
            .arg(whole_millis(ttl));
        set
    }

    pub(super) async fn take(&self, bucket: &str, rate: Rate) -> Result<Taken, Unavailable> {
        let (period, window) = rate.micros();
        let arguments = [period, window].map(|micros| micros.to_string().into_bytes());
        let key = self.0.prefix.bucket(bucket);
        let wait: u64 = self.run(&self.0.scripts.take, key, &arguments).await?;
        Ok(match wait {
            0 => Taken::Granted,
            micros => Taken::Wait(Duration::from_micros(micros)),
        })
    }

    pub(super) async fn used(&self, bucket: &str) -> Result<Duration, Unavailable> {
        let key = self.0.prefix.bucket(bucket);
        let micros: u64 = self.run(&self.0.scripts.used, key, &[]).await?;
        Ok(Duration::from_micros(micros))
    }

    pub(super) async fn forget(&self, bucket: &str) -> Result<(), Unavailable> {
        let mut del = cmd("DEL");
        del.arg(self.0.prefix.bucket(bucket));
        self.send(del).await
    }

    pub(super) async fn claim(
        &self,
        key: &str,
        owner: Uuid,
        lease: Duration,
    ) -> Result<bool, Unavailable> {
        let key = self.0.prefix.claim(key);
        let arguments = [
            owner.as_bytes().to_vec(),
            whole_millis(lease).to_string().into_bytes(),
        ];
        self.run(&self.0.scripts.claim, key, &arguments).await
    }

    pub(super) async fn release(&self, key: &str, owner: Uuid) -> Result<(), Unavailable> {
        let key = self.0.prefix.claim(key);
        let arguments = [owner.as_bytes().to_vec()];
        self.run(&self.0.scripts.release, key, &arguments).await
    }

    async fn send<T: FromRedisValue>(&self, command: redis::Cmd) -> Result<T, Unavailable> {
        self.0
            .line
            .run(async move |mut connection| command.query_async(&mut connection).await)
            .await
    }

    async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        key: String,
        arguments: &[Vec<u8>],
    ) -> Result<T, Unavailable> {
        let mut call = script.key(key);
        call.arg(arguments);
        self.0
            .line
            .run(async move |mut connection| call.invoke_async(&mut connection).await)
            .await
    }
}

fn read_mark(word: Option<&[u8]>) -> Result<Option<Mark>, Unavailable> {
    match word {
        None => Ok(None),
        Some(b"revoked") => Ok(Some(Mark::Revoked)),
        Some(b"deleted") => Ok(Some(Mark::Deleted)),
        Some(_) => Err(UNREADABLE),
    }
}

fn read_code(issue: &[u8], nonce: &[u8], key_id: &[u8], left: &[u8]) -> Option<LiveCode> {
    Some(LiveCode {
        issue: Uuid::from_slice(issue).ok()?,
        nonce: nonce.try_into().ok()?,
        key_id: std::str::from_utf8(key_id).ok()?.to_owned(),
        guesses: std::str::from_utf8(left).ok()?.parse().ok()?,
    })
}
