//! The mailbox of a run, read letter by letter.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Mutex,
};

use crate::support::{mailbox, smtp::Relay};

/// Where the mails of a run arrive.
pub(super) enum Source {
    Relay(Relay),
    Files(PathBuf),
}

/// A letter as it came: what it is known by, and its code if it has one.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) id: String,
    pub(super) code: Option<String>,
}

pub(super) struct Post {
    source: Source,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    relayed: usize,
    files: BTreeSet<String>,
    /// All letters to an address, copies among them, in the order of their arrival.
    letters: BTreeMap<String, Vec<Letter>>,
}

impl Post {
    pub(super) fn new(source: Source) -> Self {
        let seen = Mutex::default();
        Self { source, seen }
    }

    /// The letters to an address so far.
    pub(super) fn letters_to(&self, address: &str) -> Vec<Letter> {
        let mut seen = self.seen.lock().unwrap();
        self.read(&mut seen);
        seen.letters.get(address).cloned().unwrap_or_default()
    }

    /// All letters, by address.
    pub(super) fn all(&self) -> BTreeMap<String, Vec<Letter>> {
        let mut seen = self.seen.lock().unwrap();
        self.read(&mut seen);
        seen.letters.clone()
    }

    fn read(&self, seen: &mut Seen) {
        let fresh: Vec<String> = match &self.source {
            Source::Relay(relay) => {
                let fresh = relay.letters_from(seen.relayed);
                seen.relayed += fresh.len();
                fresh.into_iter().map(|letter| letter.data).collect()
            }
            Source::Files(directory) => {
                let mut fresh: Vec<(String, PathBuf)> = std::fs::read_dir(directory)
                    .into_iter()
                    .flatten()
                    .map(|entry| entry.unwrap())
                    .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
                    .filter(|(name, path)| {
                        let is_whole = path.extension().is_some_and(|end| end == "eml");
                        is_whole && !seen.files.contains(name)
                    })
                    .collect();
                fresh.sort();
                let read = |(name, path): (String, PathBuf)| {
                    seen.files.insert(name);
                    std::fs::read_to_string(path).unwrap()
                };
                fresh.into_iter().map(read).collect()
            }
        };
        for mail in fresh {
            let mail = mailbox::plain(&mail);
            let head = |name: &str| {
                let line = mail.lines().find_map(|line| line.strip_prefix(name));
                line.map(str::to_owned)
            };
            let to = head("To: ").expect("a recipient");
            let id = head("Message-ID: ").expect("an id");
            let code = mailbox::code_in(&mail);
            seen.letters
                .entry(to)
                .or_default()
                .push(Letter { id, code });
        }
    }
}
