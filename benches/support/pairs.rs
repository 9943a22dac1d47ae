//! Rounds of two in turn, so that what else the machine does meets both.

use super::{
    arguments::Arguments,
    rounds::{Round, Works},
    statistics::Spread,
    table::{Aim, Cpu, Row, count, time},
};

/// Rounds that followed each other.
pub(crate) struct Pairs(Vec<(Round, Round)>);

impl Pairs {
    /// Measures both in turn, after one pair that does not count.
    pub(crate) async fn measure(
        arguments: &Arguments,
        ours: &impl Works,
        limit: &impl Works,
    ) -> Self {
        let mut pairs = Vec::new();
        for number in 0..=arguments.pairs {
            let our_round = ours.round(arguments.seconds).await;
            let of_limit = limit.round(arguments.seconds).await;
            if number > 0 {
                pairs.push((our_round, of_limit));
            }
        }
        Self(pairs)
    }

    /// A number of each round of accountd, over the same of the round of the limit beside it.
    pub(crate) fn ratio(&self, of: impl Fn(&Round) -> f64) -> Spread {
        Spread::of(self.0.iter().map(|(ours, limit)| of(ours) / of(limit)))
    }

    /// A number of all rounds of accountd, and of the limit's.
    pub(crate) fn both(&self, of: impl Fn(&Round) -> f64) -> [Spread; 2] {
        [
            Spread::of(self.0.iter().map(|(ours, _)| of(ours))),
            Spread::of(self.0.iter().map(|(_, limit)| of(limit))),
        ]
    }

    /// The line of the table on rates and processor time, of which both should be at least so much of the limit's.
    pub(crate) fn row(&self, figure: &str, aim: f64) -> Row {
        let rate = |rates: Spread| format!("{} calls/s", count(rates.median()));
        let [ours, limit] = self.both(Round::rate).map(rate);
        Row {
            figure: figure.to_owned(),
            ours,
            limit,
            ratio: Some(self.ratio(Round::rate)),
            cpu: Some(self.cpu()),
            aim: Some(Aim::AtLeast(aim)),
        }
    }

    /// The rates of both with the bytes that calls of `bytes` each move.
    pub(crate) fn rates_of_bytes(&self, bytes: u32) -> [String; 2] {
        self.both(Round::rate).map(|rates| {
            let rate = rates.median();
            let mebibytes = rate * f64::from(bytes) / 1_048_576.0;
            format!("{} MiB/s, {} calls/s", count(mebibytes), count(rate))
        })
    }

    /// The processor time of one call of both.
    pub(crate) fn cpu(&self) -> Cpu {
        let [ours, limit] = self.both(Round::cpu).map(|spread| spread.median());
        Cpu {
            ours: time(ours),
            limit: time(limit),
            ratio: limit / ours,
        }
    }
}
