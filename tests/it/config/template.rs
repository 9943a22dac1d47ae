//! `deploy/accountd.toml` is what the code says.

use std::{fs, path::Path};

use accountd::config::Settings;

use super::load;

#[test]
fn the_deployed_file_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/accountd.toml");
    assert!(
        fs::read_to_string(path).unwrap() == Settings::template(),
        "stale; run `cargo run -- config init > deploy/accountd.toml`"
    );
}

#[test]
fn as_it_stands_it_changes_nothing() {
    let settings = load(&Settings::template(), &[]).unwrap();
    assert_eq!(
        format!("{settings:?}"),
        format!("{:?}", Settings::embedded())
    );
}

#[test]
fn every_default_in_it_is_the_codes() {
    let settings = load(&uncommented(), &[]).unwrap();
    assert_eq!(
        format!("{settings:?}"),
        format!("{:?}", Settings::embedded())
    );
}

#[test]
fn every_key_stands_below_its_variable() {
    let template = Settings::template();
    let mut section = String::new();
    let mut above = "";
    for line in template.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = format!("{}.", name.trim_end_matches(']'));
        }
        let key = setting(line).and_then(|setting| setting.split_once(" = "));
        // The other realms have the keys of the default realm, and a `…_file` key stands below its own.
        let is_listed = !section.starts_with("realms.") || section == "realms.default.";
        if let Some((key, _)) = key.filter(|(key, _)| {
            is_listed && !above.starts_with(&format!("#{}", key.trim_end_matches("_file")))
        }) {
            let name = format!("{section}{key}").replace('.', "__").to_uppercase();
            assert_eq!(above, format!("# ACCOUNTD_{name}"), "{line}");
        }
        above = line;
    }
}

/// The template with all of its settings in force.
fn uncommented() -> String {
    let template = Settings::template();
    let lines = template.lines().map(|line| setting(line).unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// A setting that is commented out: `#key = value`, where prose has a blank after the `#`.
fn setting(line: &str) -> Option<&str> {
    line.strip_prefix('#')
        .filter(|rest| rest.starts_with(|first: char| first.is_ascii_lowercase()))
}
