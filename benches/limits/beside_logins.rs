//! What `GetCurrent` has to suffer from logins that take all threads for hashing.

use std::time::Duration;

use crate::{
    Bench, get_current, login,
    support::{
        pairs::Pairs,
        people,
        rounds::{Load, Round, Works},
        server::Accountd,
        statistics::Spread,
        table::{Aim, Row, count, time},
    },
};

const CALLERS: usize = 32;
const LOGINS: usize = 8;

/// `GetCurrent` while somebody else logs in without a pause.
struct Beside<'a> {
    calls: Load<'a>,
    logins: Load<'a>,
}

impl Works for Beside<'_> {
    async fn round(&self, time: Duration) -> Round {
        let (calls, _) = tokio::join!(self.calls.round(time), self.logins.round(time));
        calls
    }
}

/// Rate and slowest answers, against `GetCurrent` alone on the same server.
pub(crate) async fn measure(bench: &Bench) {
    let server = Accountd::start(&bench.binary, &[]);
    let people = people::sign_up(&server, CALLERS + LOGINS).await;
    // Logins end the oldest sessions of their accounts, so others call.
    let (callers, others) = people.split_at(CALLERS);
    let alone = get_current::load(&server.process, callers).await;
    let beside = Beside {
        calls: alone.clone(),
        logins: login::load(&server.process, others, LOGINS).await,
    };
    let pairs = Pairs::measure(&bench.arguments, &beside, &alone).await;
    let rate = |rates: Spread| format!("{} calls/s", count(rates.median()));
    let slowest = |times: Spread| format!("p99 {}", time(times.median()));
    let [ours, limit] = pairs.both(Round::rate).map(rate);
    let row = Row {
        figure: String::from("GetCurrent while logins saturate the hash pool, against alone"),
        ours,
        limit,
        ratio: Some(pairs.ratio(Round::rate)),
        cpu: None,
        aim: Some(Aim::AtLeast(0.50)),
    };
    row.print();
    let [ours, limit] = pairs.both(Round::p99).map(slowest);
    let row = Row {
        figure: String::from("the same, the slowest of 100 answers"),
        ours,
        limit,
        ratio: Some(pairs.ratio(Round::p99)),
        cpu: None,
        aim: Some(Aim::AtMost(3.0)),
    };
    row.print();
}
