//! Bare hashing at the cost that passwords have by default, counted.

use std::cell::RefCell;

use accountd::config::Settings;

use crate::{
    Bench,
    reference::Reference,
    support::{
        pairs::Pairs,
        rounds::{Load, Round, Works},
        table::Row,
    },
};

/// What a login or a registration is compared with.
pub(crate) async fn compare(bench: &Bench, figure: &str, ours: &Load<'_>, aim: f64) {
    let bare = Hasher::start(&[]);
    let pairs = Pairs::measure(&bench.arguments, ours, &bare).await;
    pairs.row(figure, aim).print();
    // accountd asks for huge pages, which the library does not: without this line, that would hide what the rest takes.
    let in_huge_pages = Hasher::start(&["--huge-pages"]);
    let pairs = Pairs::measure(&bench.arguments, ours, &in_huge_pages).await;
    let figure = format!("{figure}, against argon2id in huge pages");
    let row = Row {
        aim: None,
        ..pairs.row(&figure, aim)
    };
    row.print();
}

/// A process that hashes on all cores while it is told to.
struct Hasher(RefCell<Reference>);

impl Hasher {
    fn start(more: &[&str]) -> Self {
        let cost = Settings::embedded().passwords;
        let numbers = [cost.memory_kib, cost.passes, cost.lanes].map(|number| number.to_string());
        let [memory, passes, lanes] = numbers.each_ref().map(String::as_str);
        let work = [&["hash", memory, passes, lanes], more].concat();
        Self(RefCell::new(Reference::start(&work)))
    }
}

impl Works for Hasher {
    async fn round(&self, time: std::time::Duration) -> Round {
        let process = &mut self.0.borrow_mut().process;
        let cpu_before = process.cpu_seconds();
        process.tell(&time.as_millis().to_string());
        let line = process.line();
        let (calls, seconds) = line.split_once(' ').unwrap();
        Round {
            calls: calls.parse().unwrap(),
            seconds: seconds.parse().unwrap(),
            cpu_seconds: process.cpu_seconds() - cpu_before,
            latencies: Vec::new(),
        }
    }
}
