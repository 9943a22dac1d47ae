//! Letters out of the house: to a relay over SMTP, into files that a newcomer can read, or into memory for tests.

mod address;
mod file;
mod letter;
mod memory;
mod smtp;

use std::{path::PathBuf, sync::Arc};

use thiserror::Error;

use super::clock::Clock;

pub use address::is_sender;
pub use letter::Letter;
pub use memory::Memory;
pub use smtp::{Security, SmtpOptions};

/// Where letters go; clones share connections, directory or memory.
#[derive(Clone, Debug)]
pub enum Mailer {
    /// To a relay, over pooled connections.
    Smtp(Arc<smtp::Smtp>, Clock),
    /// Into one `.eml` file each.
    File(Arc<file::Directory>, Clock),
    /// Into a list that tests read.
    Memory(Memory, Clock),
}

/// Which way letters take, as the configuration says it.
#[derive(Clone, Debug)]
pub enum Options {
    /// To the relay named here.
    Smtp(SmtpOptions),
    /// Into files.
    File {
        /// Where they are written; created, readable to its owner alone, when it is missing.
        directory: PathBuf,
    },
    /// Into memory: for tests.
    Memory,
}

/// Why a way for letters cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Codes would cross a network in clear.
    #[error("mail to {host} would travel in clear: set the security to starttls or tls")]
    Plaintext {
        /// The relay's name.
        host: String,
    },
    /// Half of the credentials is missing.
    #[error("the mail relay's username and password go together: set both or neither")]
    Credentials,
    /// The certificates to trust cannot be read.
    #[error("the certificates in {path} cannot be read: {reason}")]
    Certificates {
        /// The file named in the options.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// TLS cannot be set up.
    #[error("TLS to the mail relay cannot be set up: {0}")]
    Tls(String),
    /// The directory for letters cannot be made.
    #[error("the directory {path} for mail cannot be made: {source}")]
    Directory {
        /// The directory named in the options.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
}

/// Why a letter was not sent, in words that carry neither its text nor its address.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SendError {
    /// No letter leaves at present: the relay is out of reach or does not let us in. This one has not left.
    #[error("no letter leaves: {0}")]
    Closed(String),
    /// This letter was refused for now, or its address stays silent. It has not left.
    #[error("refused for now: {0}")]
    Later(String),
    /// The relay fell silent with the whole letter in its hands, which may have left.
    #[error("it may have left: {0}")]
    Unsure(String),
    /// This letter or its address was refused for good.
    #[error("refused for good: {0}")]
    Never(String),
}

impl Mailer {
    /// Opens the way that `options` name, without talking to anybody; letters are dated by `clock`.
    ///
    /// Refuses a relay beyond loopback without TLS, half a pair of credentials, unreadable certificates and a
    /// directory that cannot be made.
    pub fn open(options: Options, clock: Clock) -> Result<Self, OpenError> {
        Ok(match options {
            Options::Smtp(options) => Self::Smtp(Arc::new(smtp::Smtp::open(options)?), clock),
            Options::File { directory } => {
                Self::File(Arc::new(file::Directory::open(directory)?), clock)
            }
            Options::Memory => Self::Memory(Memory::default(), clock),
        })
    }

    /// Sends one letter to its one recipient; over SMTP this ends within the options' `timeout`.
    pub async fn send(&self, letter: &Letter) -> Result<(), SendError> {
        match self {
            Self::Smtp(relay, clock) => relay.send(letter.seal(clock.now())?).await,
            Self::File(directory, clock) => {
                let now = clock.now();
                directory.write(letter, &letter.seal(now)?, now).await
            }
            // Sealed all the same, so that tests meet the refusals of production.
            Self::Memory(memory, clock) => {
                letter.seal(clock.now())?;
                memory.push(letter.clone());
                Ok(())
            }
        }
    }

    /// Whether a letter could leave now: the relay greets and lets us in, or the directory can be written to.
    pub async fn probe(&self) -> Result<(), SendError> {
        match self {
            Self::Smtp(relay, _) => relay.probe().await,
            Self::File(directory, _) => directory.probe().await,
            Self::Memory(..) => Ok(()),
        }
    }

    /// The letters kept in memory, oldest first; none for the other ways.
    pub fn outbox(&self) -> Vec<Letter> {
        match self {
            Self::Memory(memory, _) => memory.letters(),
            Self::Smtp(..) | Self::File(..) => Vec::new(),
        }
    }
}
