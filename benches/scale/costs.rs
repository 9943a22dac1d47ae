//! What one act costs in towns of different sizes.

use crate::{
    acts::Act,
    processors::Reading,
    support::{
        arguments::Arguments,
        rounds::{Load, Works as _},
        statistics::Spread,
        table::time,
    },
    town::Town,
};

/// The largest town may cost so many times what the smallest does.
const AIM: f64 = 1.2;

/// One act, measured in all towns by turns.
pub(crate) struct Costs {
    act: Act,
    sizes: Vec<u64>,
    /// One of each town.
    turns: Vec<Vec<Cost>>,
}

/// Seconds for one call.
#[derive(Clone, Copy)]
struct Cost {
    /// Processors, in accountd.
    accountd: f64,
    /// Processors, in PostgreSQL.
    postgres: f64,
    /// What half of the calls do not exceed.
    time: f64,
}

pub(crate) fn heading(towns: &[Town]) -> String {
    let sizes: Vec<String> = towns
        .iter()
        .map(|town| format!(" {} |", town.size))
        .collect();
    let sizes = sizes.concat();
    format!(
        "| call: processor time in accountd + PostgreSQL, time |{sizes} cost, largest over smallest (min to max) | of time | aim | met |\n|---|{}---|---|---|---|",
        "---|".repeat(towns.len())
    )
}

impl Costs {
    /// One client in one town after the other, after a turn that does not count.
    pub(crate) async fn measure(arguments: &Arguments, act: Act, towns: &[Town]) -> Self {
        let mut loads = Vec::new();
        for town in towns {
            loads.push(act.load(town).await);
        }
        let mut turns = Vec::new();
        for number in 0..=arguments.pairs {
            let mut turn = Vec::new();
            for (town, load) in towns.iter().zip(&loads) {
                turn.push(cost(arguments, town, load).await);
            }
            if number > 0 {
                turns.push(turn);
            }
        }
        Self {
            act,
            sizes: towns.iter().map(|town| town.size).collect(),
            turns,
        }
    }

    /// The line of the table.
    pub(crate) fn line(&self) -> String {
        let cells: Vec<String> = (0..self.sizes.len())
            .map(|town| {
                let [accountd, postgres, whole] = [
                    self.median(town, |cost| cost.accountd),
                    self.median(town, |cost| cost.postgres),
                    self.median(town, |cost| cost.time),
                ];
                format!(
                    " {} + {}, {} |",
                    time(accountd),
                    time(postgres),
                    time(whole)
                )
            })
            .collect();
        let cells = cells.concat();
        let growth = self.growth(|cost| self.cost(cost));
        format!(
            "| {} |{cells} {:.2} ({:.2} to {:.2}){} | {:.2} | ≤ {AIM} | {} |",
            self.act.name(),
            growth.median(),
            growth.least(),
            growth.most(),
            if self.act.hashes() {
                ", of PostgreSQL"
            } else {
                ""
            },
            self.growth(|cost| cost.time).median(),
            if growth.median() <= AIM { "yes" } else { "no" },
        )
    }

    /// Seconds of processors by size, for the plot.
    pub(crate) fn processor_line(&self) -> (&'static str, Vec<(u64, f64)>) {
        self.by_size(|cost| self.cost(cost))
    }

    /// Seconds by size, for the plot.
    pub(crate) fn time_line(&self) -> (&'static str, Vec<(u64, f64)>) {
        self.by_size(|cost| cost.time)
    }

    /// What may grow. The hash of a password is the same at any size and dwarfs all else that accountd does, so where
    /// there is one, PostgreSQL's part alone is looked at.
    fn cost(&self, cost: &Cost) -> f64 {
        if self.act.hashes() {
            cost.postgres
        } else {
            cost.accountd + cost.postgres
        }
    }

    fn growth(&self, of: impl Fn(&Cost) -> f64) -> Spread {
        let last = self.sizes.len() - 1;
        Spread::of(self.turns.iter().map(|turn| of(&turn[last]) / of(&turn[0])))
    }

    fn median(&self, town: usize, of: impl Fn(&Cost) -> f64) -> f64 {
        Spread::of(self.turns.iter().map(|turn| of(&turn[town]))).median()
    }

    fn by_size(&self, of: impl Fn(&Cost) -> f64) -> (&'static str, Vec<(u64, f64)>) {
        let sizes = self.sizes.iter().enumerate();
        let points = sizes.map(|(town, size)| (*size, self.median(town, &of)));
        (self.act.name(), points.collect())
    }
}

async fn cost(arguments: &Arguments, town: &Town, load: &Load<'_>) -> Cost {
    let before = Reading::take(&town.postmaster);
    let round = load.round(arguments.seconds).await;
    let spent = Reading::take(&town.postmaster).since(&before);
    Cost {
        accountd: round.cpu(),
        postgres: spent / f64::from(round.calls),
        time: Spread::of(round.latencies).median(),
    }
}
