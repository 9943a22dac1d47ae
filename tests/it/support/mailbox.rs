//! Where the mails of a service arrive.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use accountd::backend::Mailer;

use super::smtp::Relay;

/// Where the mails of a service arrive; clones are the same one.
#[derive(Clone)]
pub enum Mailbox {
    /// In this process.
    Memory(Mailer),
    /// At a relay.
    Relay(Relay),
    /// As files in a directory.
    Files(PathBuf),
}

impl From<Mailer> for Mailbox {
    fn from(mailer: Mailer) -> Self {
        Self::Memory(mailer)
    }
}

impl Mailbox {
    /// The texts of the mails to the address so far, oldest first; behind a relay and in files with all that is around
    /// them. A letter that was sent again, since nobody knew whether it had arrived, counts once.
    pub fn letters_to(&self, address: &str) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let mut letters = self.all_to(address);
        letters.retain(|(id, _)| seen.insert(id.clone()));
        letters.into_iter().map(|(_, text)| text).collect()
    }

    /// Each with what it is known by.
    fn all_to(&self, address: &str) -> Vec<(String, String)> {
        match self {
            Self::Memory(mailer) => {
                let letters = mailer.outbox().into_iter();
                letters
                    .filter(|letter| letter.to == address)
                    .map(|letter| (letter.id.to_string(), letter.text))
                    .collect()
            }
            Self::Relay(relay) => {
                let letters = relay.letters_to(address).into_iter();
                letters
                    .map(|letter| (message_id(&letter.data), plain(&letter.data)))
                    .collect()
            }
            Self::Files(directory) => {
                let to = format!("To: {address}");
                let mails = files(directory).into_iter();
                mails
                    .filter(|mail| mail.lines().any(|line| line == to))
                    .map(|mail| (message_id(&mail), plain(&mail)))
                    .collect()
            }
        }
    }
}

/// The mails in a directory, oldest first, as they are.
fn files(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}

/// The mails in a directory, oldest first, as they are read.
pub fn read(directory: &Path) -> Vec<String> {
    files(directory).iter().map(|mail| plain(mail)).collect()
}

/// A mail without the marks of quoted-printable, as far as an English text has them. Its lines are lines as they are.
pub fn plain(mail: &str) -> String {
    mail.replace("=\r\n", "")
        .replace("=\n", "")
        .replace("=3D", "=")
}

/// The code in a letter, read as plain text: its first line that is nothing but 4 to 10 digits.
pub fn code_in(text: &str) -> Option<String> {
    let is_code = |line: &&str| {
        (4..=10).contains(&line.len()) && line.bytes().all(|byte| byte.is_ascii_digit())
    };
    text.lines().map(str::trim).find(is_code).map(str::to_owned)
}

fn message_id(mail: &str) -> String {
    let line = mail.lines().find(|line| line.starts_with("Message-ID: "));
    line.unwrap_or_else(|| panic!("a mail without an id: {mail}"))
        .to_owned()
}
