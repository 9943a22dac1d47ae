//! What a bench is told on its command line.

use std::{path::PathBuf, time::Duration};

use clap::Parser;

/// Words choose figures by their names; without any, all are measured.
#[derive(Debug, Parser)]
pub(crate) struct Arguments {
    /// Words of the names of the figures that are wanted, such as `refresh`.
    pub(crate) words: Vec<String>,
    /// Pairs of rounds that count. More, or longer ones, would outlive access tokens.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=15))]
    pub(crate) pairs: u32,
    /// Seconds of one round, 8 at most.
    #[arg(long, default_value = "1.5", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// The accountd to measure, in place of the one that is built from these sources.
    #[arg(long)]
    pub(crate) binary: Option<PathBuf>,
    /// What cargo says to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Arguments {
    /// Whether a figure of that name is wanted. Only letters and digits count, and in any case: `get-current` is a word of
    /// `GetCurrent, embedded default`.
    pub(crate) fn want(&self, name: &str) -> bool {
        let name = plain(name);
        self.words.is_empty() || self.words.iter().any(|word| name.contains(&plain(word)))
    }
}

fn plain(text: &str) -> String {
    let letters = text.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| String::from("not a number"))?;
    if (0.1..=8.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err(String::from("not from 0.1 to 8"))
    }
}
