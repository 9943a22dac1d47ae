//! The file of operators: reading it, and changing it whole or not at all.

mod section;
mod write;

use std::{
    fs,
    io::{self, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{Entry, entry::Written};

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
/// Refused: a file that others than its owner may write, what is not understood, a name twice, a token or a certificate
/// twice.
pub fn list(path: &Path) -> Result<Vec<Entry>, FileFault> {
    let (entries, _) = read(path)?;
    Ok(entries)
}

/// Adds an operator, blocking; the file is made with mode 0600 where it is missing.
///
/// Refused: a name, a token or a certificate that is there already, and what [`list`] refuses.
pub fn add(path: &Path, entry: &Entry) -> Result<(), FileFault> {
    let _held = write::lock(path)?;
    let (entries, mut text) = match read(path) {
        Err(FileFault::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            (Vec::new(), String::new())
        }
        found => found?,
    };
    if let Some(other) = entries.iter().find(|other| other.meets(entry)) {
        return Err(content(
            path,
            format!(
                "has {} already, by that name, token or certificate",
                other.name
            ),
        ));
    }
    if !text.trim_end().is_empty() {
        text.truncate(text.trim_end().len());
        text.push_str("\n\n");
    }
    text.push_str(&section::text(entry));
    let expected: Vec<Entry> = entries.into_iter().chain([entry.clone()]).collect();
    replace(path, &text, &expected, &entry.name)
}

/// Removes the operator of that name, blocking, and leaves all else as it was written, comments too. Tells whether there
/// was one.
///
/// Refused: a file that is not written in sections, and what [`list`] refuses.
pub fn remove(path: &Path, name: &str) -> Result<bool, FileFault> {
    let _held = write::lock(path)?;
    let (mut entries, text) = read(path)?;
    let Some(place) = entries.iter().position(|entry| entry.name == name) else {
        return Ok(false);
    };
    let rest = section::without(&text, place, entries.len()).ok_or_else(|| by_hand(path, name))?;
    entries.remove(place);
    replace(path, &rest, &entries, name)?;
    Ok(true)
}

/// Writes the file if it then says what it should: what is there may be written in another way than ours.
fn replace(path: &Path, text: &str, expected: &[Entry], name: &str) -> Result<(), FileFault> {
    match parse(path, text) {
        Ok(entries) if entries == expected => write::replace(path, text),
        _ => Err(by_hand(path, name)),
    }
}

fn by_hand(path: &Path, name: &str) -> FileFault {
    let head = section::HEAD;
    content(
        path,
        format!("is not written in sections {head}: change {name} by hand"),
    )
}

fn read(path: &Path) -> Result<(Vec<Entry>, String), FileFault> {
    let opened = || {
        let mut file = fs::File::open(path)?;
        let mode = file.metadata()?.permissions().mode();
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        Ok((mode, text))
    };
    let (mode, text) = opened().map_err(|source| FileFault::File {
        path: path.to_owned(),
        source,
    })?;
    if mode & 0o022 != 0 {
        let name = path.display();
        let text = format!("can be written by others than its owner; run `chmod go-w {name}`");
        return Err(content(path, text));
    }
    Ok((parse(path, &text)?, text))
}

fn parse(path: &Path, text: &str) -> Result<Vec<Entry>, FileFault> {
    // The line itself is not told: a token may stand in it by mistake.
    let contents: Contents = toml::from_str(text).map_err(|error| {
        let before = text.get(..error.span().map_or(0, |span| span.start));
        let line = before.unwrap_or_default().matches('\n').count() + 1;
        content(path, format!("line {line}: {}", error.message()))
    })?;
    let entries: Result<Vec<Entry>, String> = contents
        .operators
        .into_iter()
        .map(Entry::try_from)
        .collect();
    let entries = entries.map_err(|text| content(path, text))?;
    for (place, entry) in entries.iter().enumerate() {
        if let Some(other) = entries[..place].iter().find(|other| other.meets(entry)) {
            let (one, other) = (&other.name, &entry.name);
            let text = format!("{one} and {other} have the same name, token or certificate");
            return Err(content(path, text));
        }
    }
    Ok(entries)
}

fn content(path: &Path, text: String) -> FileFault {
    FileFault::Content {
        path: path.to_owned(),
        text,
    }
}
