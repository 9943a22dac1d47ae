//! Requests to the REST dialects: how long each took.
//!
//! Names and labels are those of OpenTelemetry's conventions for HTTP servers, as Prometheus writes them:
//! <https://opentelemetry.io/docs/specs/semconv/http/http-metrics/>. The dialect is ours: two may have the same route.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::Duration,
};

use ::metrics::{Histogram, Key, Label, with_recorder};

use super::{METADATA, calls, catalogue, label::Dimension};

/// The methods of HTTP that are told apart, and last the word for all others.
pub const METHODS: [&str; 10] = [
    "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE", OTHER,
];

/// The word for routes and methods that there are not.
const OTHER: &str = "_OTHER";

/// The dialect, by its name in the configuration.
pub(super) const DIALECT: Dimension = Dimension {
    name: "dialect",
    values: &["school", "customer", "contact", "profile", "two_step"],
};

/// The route, as the dialect's document writes it.
pub(super) const ROUTE: Dimension = Dimension {
    name: "http_route",
    values: &[],
};

/// The status of the answer.
pub(super) const STATUS: Dimension = Dimension {
    name: "http_response_status_code",
    values: &[],
};

/// The method of HTTP, or the word for all others.
pub fn method_name(method: &str) -> &'static str {
    let known = METHODS.into_iter().find(|known| *known == method);
    known.unwrap_or(OTHER)
}

/// What a route has answered, by method and status.
type Answers = HashMap<(&'static str, u16), Histogram>;

/// The requests to one dialect.
#[derive(Debug)]
pub struct Requests {
    dialect: &'static str,
    /// By route. All routes, methods and statuses come from lists of ours, so that there are only so many.
    routes: RwLock<HashMap<String, Answers>>,
}

impl Requests {
    /// Those to the dialect of that name; none where nothing is counted.
    pub fn to(dialect: &'static str) -> Option<Self> {
        calls::is_started().then(|| Self {
            dialect,
            routes: RwLock::default(),
        })
    }

    /// A request to a route of the dialect, or to none, was answered with this status after `time`.
    pub fn answered(&self, method: &str, route: Option<&str>, status: u16, time: Duration) {
        let route = route.unwrap_or(OTHER);
        let answer = (method_name(method), status);
        let found = self
            .routes
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(route)
            .and_then(|answers| answers.get(&answer))
            .map(|histogram| histogram.record(time));
        if found.is_some() {
            return;
        }
        self.routes
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(route.to_owned())
            .or_default()
            .entry(answer)
            .or_insert_with(|| self.histogram(route, answer))
            .record(time);
    }

    fn histogram(&self, route: &str, (method, status): (&'static str, u16)) -> Histogram {
        let status_text = status.to_string();
        let mut labels = vec![
            Label::from_static_parts(DIALECT.name, self.dialect),
            Label::new(ROUTE.name, route.to_owned()),
            Label::from_static_parts("http_request_method", method),
            Label::new(STATUS.name, status_text.clone()),
            Label::from_static_parts("url_scheme", "http"),
        ];
        if status >= 500 {
            labels.push(Label::new("error_type", status_text));
        }
        let key = Key::from_parts(catalogue::REQUESTS.name, labels);
        with_recorder(|recorder| recorder.register_histogram(&key, &METADATA))
    }
}
