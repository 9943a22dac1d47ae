//! The way to the collector of spans.

use super::{faults, load, refuses};

const PLACE: &str = "traces.endpoint: must be `http://` or `https://`, a host and a port, and nothing behind it, such as \
    \"http://localhost:4317\"";

#[test]
fn an_endpoint_is_an_address_and_no_more() {
    for endpoint in [
        "localhost:4317",
        "grpc://localhost:4317",
        "http://",
        "http://localhost:4317/v1/traces",
        "http://user:word@localhost:4317",
        "https://localhost:many",
    ] {
        refuses(&format!("traces.endpoint = '{endpoint}'"), &[PLACE]);
    }
    for endpoint in [
        "http://localhost:4317",
        "http://[::1]:4317/",
        "https://collector",
    ] {
        let settings = load(&format!("traces.endpoint = '{endpoint}'"), &[]).unwrap();
        let warned = settings.warnings();
        assert!(
            warned.iter().all(|told| !told.key.starts_with("traces")),
            "{endpoint}"
        );
    }
}

#[test]
fn numbers_have_their_bounds() {
    for ratio in ["1.1", "-0.1", "nan", "2"] {
        refuses(
            &format!("traces.ratio = {ratio}"),
            &["traces.ratio: must be from 0 to 1"],
        );
    }
    refuses(
        "traces.ratio = 'half'",
        &["traces.ratio: must be a number, not \"half\""],
    );
    for (file, expected) in [("traces.ratio = 0", 0.0), ("traces.ratio = 0.25", 0.25)] {
        let ratio = load(file, &[]).unwrap().traces.ratio;
        assert!((ratio - expected).abs() < f64::EPSILON, "{ratio}");
    }
    for queue in [511, 1_000_001] {
        refuses(
            &format!("traces.queue = {queue}"),
            &["traces.queue: must be from 512 to 1000000"],
        );
    }
    refuses(
        "traces.timeout = '0s'",
        &["traces.timeout: must be longer than 0"],
    );
    refuses(
        "traces.service_name = ' '",
        &["traces.service_name: must not be empty"],
    );
    refuses(
        "traces.ca_file = '/no/such'",
        &["traces.ca_file: /no/such cannot be read: No such file or directory (os error 2)"],
    );
}

#[test]
fn headers_are_pairs_and_secret() {
    let variable = "ACCOUNTD_TRACES__HEADERS";
    for odd in [
        "authorization",
        "=word",
        "na me=word",
        "name=wo\u{7f}rd",
        "name=",
    ] {
        let told = faults("", &[(variable, odd)]);
        let [told] = told.as_slice() else {
            panic!("{told:?}");
        };
        assert!(told.starts_with("traces.headers: must be "), "{told}");
        assert!(!told.contains("word"), "{told}");
    }
    let open = faults("traces.headers = ['authorization=Bearer marked']", &[]);
    assert!(open[0].contains("is a secret, and this file is not the place for it"));
    assert!(!open[0].contains("marked"));
    let given = "authorization=Bearer a=b, x-scope=one";
    let settings = load("", &[(variable, given)]).unwrap();
    let pairs: Vec<_> = settings.traces.header_pairs().collect();
    assert_eq!(pairs, [("authorization", "Bearer a=b"), ("x-scope", "one")]);
    assert!(!format!("{settings:?}").contains("Bearer"));
}

#[test]
fn attributes_are_pairs() {
    refuses(
        "traces.attributes = ['production']",
        &["traces.attributes: must be attributes as `name=value`, not `production`"],
    );
    refuses(
        "traces.attributes = ['service.name=other']",
        &["traces.attributes: must not hold service.name, which service_name sets"],
    );
}

#[test]
fn headers_do_not_travel_in_the_open() {
    let far = "traces.endpoint = 'http://collector.example.com:4317'";
    let warned = load(far, &[]).unwrap().warnings();
    let told = "traces.endpoint: reaches another machine without TLS; take `https://`";
    assert!(
        warned.iter().any(|warned| warned.to_string() == told),
        "{warned:?}"
    );
    let header = ("ACCOUNTD_TRACES__HEADERS", "authorization=Bearer marked");
    assert_eq!(
        faults(far, &[header]),
        ["traces.endpoint: would send the headers in the open; take `https://`"]
    );
    let file = "traces.endpoint = 'http://localhost:4317'\ntraces.ca_file = '/dev/null'";
    refuses(
        file,
        &["traces.ca_file: is of use with an https:// endpoint only"],
    );
}
