//! Warnings, and the report of `accountd config check`.

use accountd::command::config::check;

use super::load;

/// The warnings about a file and variables, each as one line.
fn warnings(file: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let settings = load(file, variables).unwrap();
    settings
        .warnings()
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn weak_realms_are_told() {
    let told = warnings("", &[]);
    for expected in [
        "realms.school.code_digits: is 4: under 6, a code is guessed too easily",
        "realms.school.password_min: is under the floor of 8 characters",
        "realms.school.reauthentication: is recent_login_for_address: a stolen token is enough to change the address",
        "realms.contact.email_change: is at_once: an address is taken over without any proof",
        "realms.two_step.reauthentication: is recent_login: a stolen token is enough to take an account over",
    ] {
        assert!(
            told.iter().any(|warning| warning == expected),
            "{expected} in {told:#?}"
        );
    }
    assert!(
        !told
            .iter()
            .any(|warning| warning.starts_with("realms.default.")),
        "{told:#?}"
    );
}

#[test]
fn disabled_realms_are_not() {
    let told = warnings("", &[("ACCOUNTD_REALMS__SCHOOL__ENABLED", "false")]);
    assert!(
        !told
            .iter()
            .any(|warning| warning.starts_with("realms.school.")),
        "{told:#?}"
    );
}

#[test]
fn open_doors_are_told() {
    let variables = [
        ("ACCOUNTD_GRPC__LISTEN", "0.0.0.0:50051"),
        ("ACCOUNTD_GRPC__TRUSTED_PROXIES", "0.0.0.0/0"),
        (
            "ACCOUNTD_STORE__URL",
            "postgres://accountd:long-enough@db/accounts",
        ),
        ("ACCOUNTD_LIMITS__ADDRESS_BURST", "0"),
        ("ACCOUNTD_METRICS__LISTEN", "[::]:9464"),
    ];
    let told = warnings("", &variables).join("\n");
    for expected in [
        "grpc.listen: is open to other machines without TLS",
        "grpc.trusted_proxies: believes everyone",
        "mail.kind: writes codes into files that nobody receives",
        "kv.kind: keeps codes and limits in one process",
        "store.url: may fall back to no TLS",
        "metrics.listen: is open to other machines",
        "limits.address_burst: is 0: nothing limits this",
    ] {
        assert!(told.contains(expected), "{expected} in {told}");
    }
}

#[test]
fn the_report_has_the_warnings_or_all_faults() {
    let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let report = check(None, [].into_iter()).unwrap();
    assert!(
        report.starts_with("the configuration has no faults and "),
        "{report}"
    );
    assert!(
        report.contains("\n  realms.school.code_digits: "),
        "{report}"
    );
    let wrong = [
        pair("ACCOUNTD_KV__KIND", "redis"),
        pair("ACCOUNTD_MAIL__KIND", "smtp"),
    ];
    let faults = check(None, wrong.into_iter()).unwrap_err().to_string();
    assert!(
        faults.starts_with("the configuration has 2 faults:\n  kv.urls: "),
        "{faults}"
    );
    assert!(faults.contains("\n  mail.smtp_host: "), "{faults}");
}
