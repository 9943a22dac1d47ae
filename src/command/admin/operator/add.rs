//! `accountd admin operator add`.

use std::{
    collections::BTreeSet,
    fs,
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use rustls::pki_types::ServerName;
use serde::Serialize;

use crate::{
    backend::{Clock, Random, Timestamp},
    command::admin::{
        output::{Output, plain},
        values::parse_time,
    },
    config::Settings,
    operators::{self, Entry, Proof, Scope, Token},
};

/// Who is to be an operator, and what it may do.
#[derive(Debug, Args)]
pub(in crate::command::admin) struct Add {
    /// The name that audit events bear: 1 to 64 letters, digits and `._@-`.
    #[arg(value_parser = name)]
    name: String,
    /// What it may do: accounts.read, accounts.write, accounts.import, accounts.export, sessions.revoke, audit.read,
    /// limits.read or limits.write.
    #[arg(long = "scope", value_name = "SCOPE", required = true, num_args = 1..)]
    scopes: Vec<Scope>,
    /// The realms that it may act in; all when left out.
    #[arg(long = "realm", value_name = "NAME", num_args = 1..)]
    realms: Vec<String>,
    /// When it stops being one, in RFC 3339; never when left out.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    expires: Option<Timestamp>,
    /// Recognise it by a client certificate for this DNS name, and not by a token.
    #[arg(long, value_name = "DNS", conflicts_with = "token_file", value_parser = dns)]
    certificate: Option<ServerName<'static>>,
    /// Write the token to this file, which must not exist yet and gets mode 0600, and not to standard output.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

#[derive(Serialize)]
struct Added<'a> {
    name: &'a str,
    operators: &'a Path,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_file: Option<&'a Path>,
}

impl Add {
    /// Adds the entry. Refused: what [`operators::add`] refuses, a realm that there is not, and a time that has passed.
    pub(super) fn run(&self, settings: &Settings, output: Output) -> anyhow::Result<()> {
        self.check(settings)?;
        let file = settings.operators_file();
        if let Some(directory) = file.parent().filter(|path| !path.as_os_str().is_empty()) {
            make_directory(directory)?;
        }
        let Some(dns) = &self.certificate else {
            let token = Token::new(&Random::System);
            return self.add_with_token(&file, &token, output);
        };
        operators::add(&file, &self.entry(Proof::Certificate(dns.clone())))?;
        self.tell(&file, None, output)
    }

    fn check(&self, settings: &Settings) -> anyhow::Result<()> {
        for realm in &self.realms {
            anyhow::ensure!(
                settings.realms.contains_key(realm),
                "{realm:?} is no realm of the configuration; there are {}",
                settings
                    .realms
                    .keys()
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", ")
            );
        }
        let is_past = |at: Timestamp| at <= Clock::System.now();
        anyhow::ensure!(
            !self.expires.is_some_and(is_past),
            "--expires has passed already"
        );
        Ok(())
    }

    /// The token is kept before the operator is there, so that none is ever there whose token is lost.
    fn add_with_token(&self, file: &Path, token: &Token, output: Output) -> anyhow::Result<()> {
        if let Some(path) = &self.token_file {
            write_token(path, token)?;
        }
        let added = operators::add(file, &self.entry(Proof::Token(token.sha256())));
        if let (Err(_), Some(path)) = (&added, &self.token_file) {
            // It is good for nothing; what is told is why.
            let _ = fs::remove_file(path);
        }
        added?;
        self.tell(file, Some(token), output)
    }

    fn entry(&self, proof: Proof) -> Entry {
        let realms: BTreeSet<String> = self.realms.iter().cloned().collect();
        Entry {
            name: self.name.clone(),
            scopes: self.scopes.iter().copied().collect(),
            realms: (!realms.is_empty()).then_some(realms),
            expires: self.expires,
            proof,
        }
    }

    fn tell(&self, file: &Path, token: Option<&Token>, output: Output) -> anyhow::Result<()> {
        let shown = token
            .filter(|_| self.token_file.is_none())
            .map(Token::secret);
        if output.is_json() {
            let added = Added {
                name: &self.name,
                operators: file,
                token: shown,
                token_file: self.token_file.as_deref(),
            };
            return output.tell(&added, "");
        }
        let file = plain(&file.display().to_string());
        match (shown, &self.token_file) {
            (Some(token), _) => {
                output.print(&format!("{token}\n"))?;
                eprintln!(
                    "added {} to {file}. Its token is shown this once: put it in a file of mode 0600 at the operator's, \
                     data/admin.token or what --token-file names.",
                    self.name
                );
                Ok(())
            }
            (None, Some(path)) => output.print(&format!(
                "added {} to {file}; its token is in {}: bring it to the operator, for --token-file\n",
                self.name,
                plain(&path.display().to_string())
            )),
            (None, None) => output.print(&format!(
                "added {} to {file}; it proves itself by a certificate that admin.client_ca has signed\n",
                self.name
            )),
        }
    }
}

fn write_token(path: &Path, token: &Token) -> anyhow::Result<()> {
    let written = || {
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(token.secret().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()
    };
    written().with_context(|| format!("cannot make the token's file {}", path.display()))
}

/// As a start of the service would make it.
fn make_directory(path: &Path) -> anyhow::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot make the directory {}", path.display()))
}

fn name(text: &str) -> Result<String, String> {
    Entry::check_name(text).map(|()| text.to_owned())
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let at = parse_time(text)?;
    Ok(Timestamp::from_millis(at.seconds.saturating_mul(1000)))
}

fn dns(text: &str) -> Result<ServerName<'static>, String> {
    match ServerName::try_from(text.to_owned()) {
        Ok(name @ ServerName::DnsName(_)) => Ok(name),
        _ => Err("is no DNS name such as ann.operators.example.com".to_owned()),
    }
}
