//! Secrets: where they may stand, who may read their files, and how weak they may be.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

/// A secret is one line; what is longer than this is another file.
const LONGEST_FILE: u64 = 65_536;

/// Fewest characters of a password between machines.
const SHORTEST: usize = 8;

/// What installers and examples set, and scanners try first.
const WELL_KNOWN: [&str; 12] = [
    "accountd",
    "admin",
    "administrator",
    "changeit",
    "changeme",
    "password",
    "postgres",
    "postgresql",
    "redis",
    "rootroot",
    "secret",
    "12345678",
];

/// The text of a file that a `…_file` key names, without the line end that editors add.
///
/// Refused: files over 64 KiB, empty ones, and secrets that others than their owner may read.
pub(super) fn read(path: &Path, secret: bool) -> Result<String, String> {
    let name = path.display();
    let unreadable = |error| format!("{name} cannot be read: {error}");
    let about = fs::metadata(path).map_err(unreadable)?;
    if about.len() > LONGEST_FILE {
        return Err(format!("{name} is longer than 64 KiB"));
    }
    if secret {
        only_owners(path)?;
    }
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(format!("{name} is empty"));
    }
    Ok(text.to_owned())
}

/// Refuses a file that its group or everyone may read.
pub(super) fn only_owners(path: &Path) -> Result<(), String> {
    let name = path.display();
    let about = fs::metadata(path).map_err(|error| format!("{name} cannot be read: {error}"))?;
    if about.permissions().mode() & 0o077 != 0 {
        return Err(format!(
            "{name} can be read by others than its owner; run `chmod 600 {name}`"
        ));
    }
    Ok(())
}

/// Whether a text is a secret that must not stand in the TOML file: a password, or a URL with one inside.
pub(super) fn stands_open(text: &str) -> bool {
    let url = text.contains("://") || text.starts_with("sqlite:");
    !text.is_empty() && (!url || password(text).is_some() || text.contains("password="))
}

/// What is weak about the password in a URL to another machine; `None` for loopback and for URLs without one.
pub(super) fn weakness_of_url(url: &str) -> Option<&'static str> {
    weakness(password(url)?).filter(|_| !is_loopback(url))
}

/// What is weak about a password between machines.
pub(super) fn weakness(password: &str) -> Option<&'static str> {
    if WELL_KNOWN.contains(&password.to_lowercase().as_str()) {
        Some("is one that everybody knows")
    } else if password.chars().count() < SHORTEST {
        Some("is shorter than 8 characters")
    } else {
        None
    }
}

/// The password in a URL, if there is one.
pub(super) fn password(url: &str) -> Option<&str> {
    let (user, _) = authority(url)?.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    (!password.is_empty()).then_some(password)
}

/// Whether a URL leads to this very machine, by loopback or a socket file.
pub(super) fn is_loopback(url: &str) -> bool {
    let Some(authority) = authority(url) else {
        return true;
    };
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    ["", "localhost", "[::1]"].contains(&without_port(host)) || host.starts_with("127.")
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    }
}

/// What stands between `://` and the path.
fn authority(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.split(['/', '?', '#']).next()
}
