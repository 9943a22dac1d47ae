//! `docs/metrics.md`, from the metrics that the code knows.

use std::fmt::Write as _;

use accountd::metrics::{ALL, Dimension, Kind};

use super::settle;

const HEAD: &str = "\
# Metrics

<!-- Made from src/metrics/catalogue.rs by tests/it/docs/metrics.rs. -->

With `metrics.listen` set, `GET /metrics` on that address tells these in the text format of Prometheus. Without it, nothing is
counted. Counters begin at 0 with the process, for every value of their labels; gauges and histograms appear with their first value.
No label holds an account, an address or a secret.

| Name | Type | Labels | Meaning | What to think of it |
|---|---|---|---|---|
";

/// Names that are not ours: of OpenTelemetry's conventions, and of the client libraries of Prometheus.
const COMMON: [&str; 3] = [
    "rpc_server_call_duration_seconds",
    "http_server_request_duration_seconds",
    "process_start_time_seconds",
];

/// A label with its values: `path`: `mark`, `sql`.
fn label(label: &Dimension) -> String {
    let values: Vec<String> = label
        .values
        .iter()
        .map(|value| format!("`{value}`"))
        .collect();
    if values.is_empty() {
        return format!("`{}`", label.name);
    }
    format!("`{}`: {}", label.name, values.join(", "))
}

#[test]
fn the_page_of_metrics_is_fresh() {
    let mut page = String::from(HEAD);
    for metric in &ALL {
        let labels: Vec<String> = metric.labels.iter().map(label).collect();
        writeln!(
            page,
            "| `{}` | {} | {} | {} | {} |",
            metric.name,
            metric.kind.as_str(),
            labels.join("; "),
            metric.meaning,
            metric.advice
        )
        .unwrap();
    }
    settle("metrics.md", &page);
}

#[test]
fn names_follow_the_custom_of_prometheus() {
    for metric in &ALL {
        let name = metric.name;
        assert!(
            name.starts_with("accountd_") || COMMON.contains(&name),
            "{name}"
        );
        assert_eq!(
            name.ends_with("_total"),
            metric.kind == Kind::Counter,
            "{name}"
        );
        if metric.kind == Kind::Histogram {
            assert!(name.ends_with("_seconds"), "{name}");
        }
    }
}
