//! The file of operators: reading it, and writing it whole or not at all.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{
    Entry, Scope,
    entry::{Proof, Written},
};

/// What a section of the file begins with.
const HEAD: &str = "[[operators]]";

/// Why the file of operators cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// It cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
    /// What stands in it is not understood, or others may change it.
    #[error("{}: {text}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        text: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    #[serde(default)]
    operators: Vec<Written>,
}

/// All operators of the file, blocking.
///
/// Refused: a file that others than its owner may write, what is not understood, a name twice.
pub fn list(path: &Path) -> Result<Vec<Entry>, FileFault> {
    let (entries, _) = read(path)?;
    Ok(entries)
}

/// Adds an operator, blocking; the file is made with mode 0600 where it is missing.
///
/// Refused: a name that is there already, and what [`list`] refuses.
pub fn add(path: &Path, entry: &Entry) -> Result<(), FileFault> {
    let (entries, mut text) = match read(path) {
        Err(FileFault::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            (Vec::new(), String::new())
        }
        found => found?,
    };
    if entries.iter().any(|other| other.name == entry.name) {
        return Err(content(path, format!("has {} already", entry.name)));
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&section(entry));
    write(path, &text)
}

/// Removes the operator of that name, blocking, and leaves all else as it was written. Tells whether there was one.
pub fn remove(path: &Path, name: &str) -> Result<bool, FileFault> {
    let (entries, text) = read(path)?;
    let Some(place) = entries.iter().position(|entry| entry.name == name) else {
        return Ok(false);
    };
    let heads: Vec<usize> = text
        .match_indices(HEAD)
        .map(|(at, _)| at)
        .filter(|at| text[..*at].ends_with('\n') || *at == 0)
        .collect();
    // A section may be written in another way than ours.
    if heads.len() != entries.len() {
        return Err(content(
            path,
            format!("is not written in sections {HEAD}: remove {name} by hand"),
        ));
    }
    let end = heads.get(place + 1).copied().unwrap_or(text.len());
    let rest = format!("{}{}", &text[..heads[place]], &text[end..]);
    write(path, rest.trim_end_matches('\n'))?;
    Ok(true)
}

fn read(path: &Path) -> Result<(Vec<Entry>, String), FileFault> {
    let unreadable = |source| FileFault::File {
        path: path.to_owned(),
        source,
    };
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let mode = fs::metadata(path).map_err(unreadable)?.permissions().mode();
    if mode & 0o022 != 0 {
        let name = path.display();
        let text = format!("can be written by others than its owner; run `chmod go-w {name}`");
        return Err(content(path, text));
    }
    let contents: Contents =
        toml::from_str(&text).map_err(|error| content(path, error.to_string()))?;
    let entries: Result<Vec<Entry>, String> = contents
        .operators
        .into_iter()
        .map(Entry::try_from)
        .collect();
    let entries = entries.map_err(|text| content(path, text))?;
    let names: BTreeSet<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    if names.len() != entries.len() {
        return Err(content(path, String::from("has a name twice")));
    }
    Ok((entries, text))
}

/// Replaces the file: a reader finds the one or the other, and never a part.
fn write(path: &Path, text: &str) -> Result<(), FileFault> {
    let place = match path.parent() {
        Some(place) if !place.as_os_str().is_empty() => place,
        _ => Path::new("."),
    };
    let text = format!("{}\n", text.trim_end_matches('\n'));
    let written = || -> io::Result<()> {
        // Made with mode 0600.
        let mut file = tempfile::NamedTempFile::new_in(place)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        fs::File::open(place)?.sync_all()
    };
    written().map_err(|source| FileFault::File {
        path: path.to_owned(),
        source,
    })
}

fn section(entry: &Entry) -> String {
    let mut text = format!("{HEAD}\nname = \"{}\"\n", entry.name);
    let words = |words: Vec<&str>| words.join("\", \"");
    let scopes = words(entry.scopes.iter().copied().map(Scope::as_str).collect());
    line(&mut text, format_args!("scopes = [\"{scopes}\"]"));
    if let Some(realms) = &entry.realms {
        let realms = words(realms.iter().map(String::as_str).collect());
        line(&mut text, format_args!("realms = [\"{realms}\"]"));
    }
    if let Some(expires) = entry.expires {
        let at = time::OffsetDateTime::from_unix_timestamp(expires.seconds());
        let at = at.ok().and_then(|at| {
            at.format(&time::format_description::well_known::Rfc3339)
                .ok()
        });
        line(
            &mut text,
            format_args!("expires = {}", at.unwrap_or_default()),
        );
    }
    match &entry.proof {
        Proof::Token(digest) => {
            let digest = digest.iter().fold(String::new(), |mut text, byte| {
                // Writing to a string never fails.
                let _ = write!(text, "{byte:02x}");
                text
            });
            line(&mut text, format_args!("token_sha256 = \"{digest}\""));
        }
        Proof::Certificate(name) => {
            line(
                &mut text,
                format_args!("certificate = \"{}\"", name.to_str()),
            );
        }
    }
    text
}

fn line(text: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a string never fails.
    let _ = writeln!(text, "{words}");
}

fn content(path: &Path, text: String) -> FileFault {
    FileFault::Content {
        path: path.to_owned(),
        text,
    }
}
