//! Layers, faults and variables of the configuration.

mod metrics;
mod pictures;
mod realms;
mod secrets;
mod template;
mod traces;
mod warnings;

use std::{fs, io::Write as _, time::Duration};

use accountd::config::{Faults, KvKind, LoginWith, Migrate, Settings};
use tempfile::NamedTempFile;

/// Loads the text of a configuration file and variables.
fn load(file: &str, variables: &[(&str, &str)]) -> Result<Settings, Faults> {
    let mut path = NamedTempFile::new().unwrap();
    path.write_all(file.as_bytes()).unwrap();
    let environment = variables
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Settings::load(Some(path.path()), environment)
}

/// The faults of a configuration, each as one line.
fn faults(file: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let faults = load(file, variables).expect_err("this configuration has faults");
    faults.iter().map(ToString::to_string).collect()
}

/// The faults of a file, which must be just these.
#[track_caller]
fn refuses(file: &str, expected: &[&str]) {
    assert_eq!(faults(file, &[]), expected, "{file}");
}

#[test]
fn nothing_configured_is_the_embedded_default() {
    let settings = load("", &[]).unwrap();
    assert_eq!(
        format!("{settings:?}"),
        format!("{:?}", Settings::embedded())
    );
    assert_eq!(settings.grpc.listen.to_string(), "127.0.0.1:50051");
    assert_eq!(settings.keys_directory().to_str(), Some("data/keys"));
    let realms: Vec<&str> = settings.realms.keys().map(String::as_str).collect();
    assert_eq!(
        realms,
        [
            "contact", "customer", "default", "profile", "school", "two_step"
        ]
    );
}

#[test]
fn the_file_wins_over_defaults_and_the_environment_over_the_file() {
    let file = "
        data_directory = '/srv/accountd'
        [store]
        acquire_timeout = '2s'
        max_connections = 20
        migrate = 'always'
        [kv]
        kind = 'redis'
        urls = ['redis://localhost']
    ";
    let settings = load(
        file,
        &[
            ("ACCOUNTD_STORE__MAX_CONNECTIONS", "30"),
            ("ACCOUNTD_GRPC__TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1"),
            ("ACCOUNTD_GRPC__REFLECTION", "false"),
            ("ACCOUNTD_REALMS__SCHOOL__CODE_DIGITS", "6"),
            ("ACCOUNTD_REALMS__SCHOOL__LOGIN_WITH", "username,email"),
        ],
    )
    .unwrap();
    assert_eq!(settings.store.acquire_timeout, Duration::from_secs(2));
    assert_eq!(settings.store.max_connections, 30);
    assert_eq!(settings.store.migrate, Migrate::Always);
    assert_eq!(settings.kv.kind, KvKind::Redis);
    assert!(!settings.grpc.reflection);
    let proxies: Vec<String> = settings
        .grpc
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(proxies, ["10.0.0.0/8", "192.0.2.1/32"]);
    let school = &settings.realms["school"];
    assert_eq!(school.code_digits, 6);
    assert_eq!(school.login_with, [LoginWith::Username, LoginWith::Email]);
    assert_eq!(
        school.password_min, 6,
        "other keys keep the preset's values"
    );
}

#[test]
fn the_environment_names_the_file_unless_the_command_line_does() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("accountd.toml");
    fs::write(&path, "[log]\nlevel = 'debug'").unwrap();
    let named = || [("ACCOUNTD_CONFIG".to_owned(), path.display().to_string())].into_iter();
    assert_eq!(Settings::load(None, named()).unwrap().log.level, "debug");
    let missing = directory.path().join("missing.toml");
    let faults = Settings::load(Some(&missing), named()).unwrap_err();
    assert!(faults.to_string().contains("missing.toml: cannot be read"));
}

#[test]
fn all_faults_are_told_at_once_by_their_full_names() {
    let file = "
        grcp = 1
        [grpc]
        listen = 'here'
        lisen = '127.0.0.1:1'
        max_streams = -1
        connection_age = 30
        [kv]
        kind = 'memcached'
        [mail]
        kind = 'memory'
        [passwords]
        pepper = 'yes'
        [realms.school]
        locale = 'fr'
        [realms.staff]
        preset = 'crew'
    ";
    let variables = [
        ("ACCOUNTD_LIMITS__LOGIN_BURST", "many"),
        ("ACCOUNTD_LOG", "debug"),
    ];
    assert_eq!(
        faults(file, &variables),
        [
            "grpc.listen: must be an IP address and a port, such as \"127.0.0.1:50051\", not \"here\"",
            "grpc.max_streams: must be a whole number from 0 to 4294967295, not -1",
            "grpc.connection_age: must be a time with its unit, such as \"250ms\", \"30s\", \"10m\" or \"14d\", not 30",
            "grpc.lisen: no such key; did you mean `listen`?",
            "kv.kind: must be one of \"memory\", \"redis\", not \"memcached\"",
            "mail.kind: must be one of \"file\", \"smtp\", not \"memory\"",
            "passwords.pepper: must be true or false, not \"yes\"",
            "limits.login_burst: must be a whole number from 0 to 4294967295, not \"many\" (from ACCOUNTD_LIMITS__LOGIN_BURST)",
            "realms.school.locale: must be one of \"en\", \"id\", not \"fr\"",
            "realms.staff.preset: must be one of \"default\", \"customer\", \"school\", \"contact\", \"profile\", \"two_step\", not \"crew\"",
            "grcp: no such key; did you mean `grpc`?",
            "log: no such key (from ACCOUNTD_LOG)",
        ]
    );
}

#[test]
fn ceilings_of_stored_hashes_are_neither_nothing_nor_endless() {
    let bcrypt = "passwords.max_bcrypt_cost: must be from 4 to 20; a hash of cost 14 takes about a second, one of 20 a minute";
    for cost in [3, 21, 31] {
        refuses(&format!("[passwords]\nmax_bcrypt_cost = {cost}"), &[bcrypt]);
    }
    refuses(
        "[passwords]\nmax_pbkdf2_iterations = 0",
        &["passwords.max_pbkdf2_iterations: must be 1 or more"],
    );
    let file = "[passwords]\nmax_bcrypt_cost = 20\nmax_pbkdf2_iterations = 1";
    assert!(load(file, &[]).is_ok());
}

#[test]
fn unread_values_hide_only_the_contradictions_of_their_section() {
    let file = "
        [kv]
        kind = 'redis'
        timeout = 'soon'
        [passwords]
        max_passes = 1
    ";
    let told = faults(file, &[]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("kv.timeout: "));
    assert!(told[1].starts_with("passwords.max_passes: "));
}

#[test]
fn sections_are_tables_and_syntax_faults_name_their_line() {
    refuses(
        "kv = 3",
        &["kv: is a section; write [kv] and its keys below"],
    );
    let told = faults("[kv]\nkind = redis", &[]);
    assert!(
        told[0].starts_with("the file: is no TOML: line 2: "),
        "{told:?}"
    );
}

#[test]
fn variables_of_others_are_left_alone() {
    let variables = [
        ("ACCOUNTD_SERVICE_HOST", "10.0.0.7"),
        ("ACCOUNTD_PORT", "tcp://10.0.0.7:50051"),
        ("ACCOUNTD_PORT_50051_TCP_ADDR", "10.0.0.7"),
        ("ACCOUNTD_GRPC_SERVICE_PORT", "50051"),
        ("HOME", "/root"),
    ];
    assert!(load("", &variables).is_ok());
}

#[test]
fn contradictions_between_sections_are_refused() {
    refuses(
        "[kv]\nkind = 'redis'",
        &["kv.urls: must name a server with kind redis, such as \"rediss://redis.example.com\""],
    );
    refuses(
        "[kv]\nkind = 'redis'\nurls = ['redis://localhost']\nmode = 'sentinel'",
        &["kv.sentinel_master: must name the master with mode sentinel"],
    );
    refuses(
        "[kv]\nkind = 'redis'\nurls = ['redis://localhost:1', 'redis://localhost:2']",
        &[
            "kv.urls: names several servers with mode single; keep one, or set mode to sentinel or cluster",
        ],
    );
    refuses(
        "[mail]\nkind = 'smtp'",
        &["mail.smtp_host: must name the server with kind smtp"],
    );
    refuses(
        "[grpc]\ntls_certificate = '/dev/null'",
        &["grpc.tls_key: is missing beside tls_certificate"],
    );
    refuses(
        "[store]\nurl = 'mysql://localhost/accounts'",
        &["store.url: must be `sqlite`, or begin with `sqlite://` or `postgres://`"],
    );
    refuses(
        "[keys]\nkeep = '1h'",
        &[
            "keys.keep: ends before the tokens of realm profile; raise it to realms.profile.access_lifetime or more",
        ],
    );
    refuses(
        "[keys]\nactivation_delay = '1s'",
        &[
            "keys.activation_delay: lets a key sign before the other replicas have read it; raise it to reload or more",
        ],
    );
    refuses(
        "[keys]\nrotate_signing_every = '24h'",
        &[
            "keys.rotate_signing_every: piles keys up; raise it to activation_delay and keep together, or more",
        ],
    );
    refuses(
        "[passwords]\nmemory_kib = 8192",
        &[
            "passwords.memory_kib: is too cheap with these passes; take 19456 with 2 passes, or 47104 with 1",
        ],
    );
    refuses(
        "[limits]\nrealm_period = '0s'",
        &["limits.realm_period: must be 1ms or more; realm_burst = 0 turns the limit off"],
    );
    let told = faults("[log]\nlevel = 'accountd=loud'", &[]);
    assert!(
        told[0].starts_with("log.level: is no list of directives"),
        "{told:?}"
    );
}
