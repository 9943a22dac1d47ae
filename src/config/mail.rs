//! The section `[mail]`: who sends mails, and how they leave.

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;

use super::{
    declare::{settings, words},
    value::Word,
};

/// How mails leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailKind {
    /// As files in the data directory.
    File,
    /// By SMTP.
    Smtp,
    /// Kept in memory for tests. Only code can choose it.
    Memory,
}

impl Word for MailKind {
    const ALL: &'static [Self] = &[Self::File, Self::Smtp];

    fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Smtp => "smtp",
            Self::Memory => "memory",
        }
    }
}

words! {
    /// How the connection to the SMTP server is protected.
    pub enum SmtpSecurity {
        /// Plain at first, TLS before anything is said; refused if the server has no TLS.
        Starttls = "starttls",
        /// TLS from the first byte (port 465).
        Tls = "tls",
        /// Not at all.
        None = "none",
    }
}

settings! {
    /// Mails: codes and notices.
    pub struct Mail {
        /// `file` (in the data directory, to read by hand) or `smtp`.
        kind: MailKind = MailKind::File,
        /// Sender of every mail.
        from: String = String::from("accountd <no-reply@localhost>"),
        /// Name of the SMTP server. Needed with kind `smtp`.
        smtp_host: Option<String> = None,
        /// Port of the SMTP server: 587 for `starttls`, 465 for `tls`.
        smtp_port: u16 = 587,
        /// `starttls`, `tls` or `none`.
        smtp_security: SmtpSecurity = SmtpSecurity::Starttls,
        /// Name to log in with. Needs `smtp_password`.
        smtp_username: Option<String> = None,
        /// Password to log in with.
        smtp_password: Option<SecretString> = None,
        /// PEM file with the authorities that the server is checked against, beside the system's.
        smtp_ca_file: Option<PathBuf> = None,
        /// Longest time for one SMTP command.
        smtp_timeout: Duration = Duration::from_secs(10),
        /// Connections at a time.
        smtp_pool: u32 = 4,
        /// Name in the EHLO greeting; the host's own when not set.
        hello_name: Option<String> = None,
    }
}
