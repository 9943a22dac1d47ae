//! What a running accountd tells at `/metrics`.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::{Instant, sleep};

use super::{rest::Rest, served::Served};

/// How long a value may take to get there, on a machine with other things to do.
const PATIENCE: Duration = Duration::from_mins(1);

/// A page in the text format of Prometheus.
#[derive(Debug)]
pub struct Page {
    /// The kind of each metric, by its name.
    pub kinds: BTreeMap<String, String>,
    /// The names that have an explanation.
    pub explained: Vec<String>,
    /// Each value, by its name with labels as they stand there.
    pub values: BTreeMap<String, f64>,
}

impl Page {
    /// Reads a page; a line that cannot be read fails the test.
    pub fn parse(text: &str) -> Self {
        let mut page = Self {
            kinds: BTreeMap::new(),
            explained: Vec::new(),
            values: BTreeMap::new(),
        };
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap();
                page.kinds.insert(name.to_owned(), kind.to_owned());
            } else if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, _) = help.split_once(' ').unwrap();
                page.explained.push(name.to_owned());
            } else {
                let (name, value) = line.rsplit_once(' ').unwrap();
                page.values.insert(name.to_owned(), value.parse().unwrap());
            }
        }
        page
    }

    /// The value of that name with its labels.
    #[track_caller]
    pub fn value(&self, name: &str) -> f64 {
        *self
            .values
            .get(name)
            .unwrap_or_else(|| panic!("{name} is not in {self:#?}"))
    }

    /// Whether it has this value.
    pub fn says(&self, name: &str, value: f64) -> bool {
        self.values
            .get(name)
            .is_some_and(|found| (found - value).abs() < f64::EPSILON)
    }
}

impl Served {
    /// What it tells now.
    pub async fn page(&self) -> Page {
        let address = self.metrics().expect("it tells no metrics");
        let answer = Rest::new(address).ask("GET /metrics").await;
        assert_eq!(answer.status, 200);
        Page::parse(std::str::from_utf8(&answer.bytes).unwrap())
    }

    /// Waits until it tells this value.
    pub async fn page_with(&self, name: &str, value: f64) -> Page {
        let end = Instant::now() + PATIENCE;
        loop {
            let page = self.page().await;
            if page.says(name, value) {
                return page;
            }
            assert!(Instant::now() < end, "{name} is not {value} in {page:#?}");
            sleep(Duration::from_millis(50)).await;
        }
    }
}
