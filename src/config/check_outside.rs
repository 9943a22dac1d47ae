//! Checks of all that faces the world outside: listener, database, key-value store and mail. Pictures have their own file.

use std::{fs::File, path::PathBuf};

use secrecy::ExposeSecret as _;

use super::{
    Grpc, Kv, KvKind, KvMode, Mail, MailKind, Settings, SmtpSecurity, Store, check::positive,
    check_tls::Tls, findings::Findings, secret,
};

/// The least that the contract needs for a message without a picture.
const LEAST_MESSAGE: usize = 65_536;

/// The least that a token and a trace context need.
const LEAST_HEADERS: u32 = 4096;

pub(super) fn check(settings: &Settings, found: &mut Findings) {
    settings.grpc.check(found);
    settings.store.check(found);
    settings.kv.check(found);
    settings.mail.check(found);
    settings.pictures.check(found);
    let is_public = !settings.grpc.listen.ip().is_loopback();
    if is_public && settings.mail.kind == MailKind::File {
        found.warn(
            "mail.kind",
            "writes codes into files that nobody receives; set it to smtp",
        );
    }
    if is_postgres(settings.store.url.expose_secret()) && settings.kv.kind == KvKind::Memory {
        found.warn(
            "kv.kind",
            "keeps codes and limits in one process; for more replicas on one database set it to redis",
        );
    }
}

impl Grpc {
    fn check(&self, found: &mut Findings) {
        let tls = Tls {
            section: "grpc",
            certificate: self.tls_certificate.as_ref(),
            key: self.tls_key.as_ref(),
            client_ca: self.client_ca.as_ref(),
        };
        tls.check(found);
        if !tls.is_on() && !self.listen.ip().is_loopback() {
            found.warn(
                "grpc.listen",
                "is open to other machines without TLS; set tls_certificate, or let a proxy do it",
            );
        }
        if self
            .trusted_proxies
            .iter()
            .any(|network| network.prefix_len() == 0)
        {
            found.warn(
                "grpc.trusted_proxies",
                "believes everyone; name the proxies' own networks",
            );
        }
        if self.max_message_bytes < LEAST_MESSAGE {
            found.refuse(
                "grpc.max_message_bytes",
                format!("must be {LEAST_MESSAGE} or more"),
            );
        }
        if self.header_bytes < LEAST_HEADERS {
            found.refuse(
                "grpc.header_bytes",
                format!("must be {LEAST_HEADERS} or more"),
            );
        }
        if self.max_streams == 0 {
            found.refuse("grpc.max_streams", "must be 1 or more");
        }
        if self.max_connections == 0 {
            found.refuse("grpc.max_connections", "must be 1 or more");
        }
        positive(found, "grpc.request_deadline", self.request_deadline);
        positive(found, "grpc.connection_age", self.connection_age);
        positive(found, "grpc.keepalive_interval", self.keepalive_interval);
        positive(found, "grpc.keepalive_timeout", self.keepalive_timeout);
    }
}

impl Store {
    fn check(&self, found: &mut Findings) {
        let url = self.url.expose_secret();
        if url != "sqlite" && !url.starts_with("sqlite:") && !is_postgres(url) {
            found.refuse(
                "store.url",
                "must be `sqlite`, or begin with `sqlite://` or `postgres://`",
            );
        }
        if let Some(weakness) = secret::weakness_of_url(url) {
            found.refuse(
                "store.url",
                format!("has a password that {weakness}; set another"),
            );
        }
        if is_postgres(url) && !secret::is_loopback(url) && !url.contains("sslmode=") {
            found.warn(
                "store.url",
                "may fall back to no TLS; add `?sslmode=verify-full`",
            );
        }
        if self.max_connections == 0 {
            found.refuse("store.max_connections", "must be 1 or more");
        }
        positive(found, "store.acquire_timeout", self.acquire_timeout);
        positive(found, "store.statement_timeout", self.statement_timeout);
    }
}

impl Kv {
    fn check(&self, found: &mut Findings) {
        match (self.kind, self.mode, self.urls.len()) {
            (KvKind::Redis, _, 0) => found.refuse(
                "kv.urls",
                "must name a server with kind redis, such as \"rediss://redis.example.com\"",
            ),
            (KvKind::Redis, KvMode::Single, 2..) => found.refuse(
                "kv.urls",
                "names several servers with mode single; keep one, or set mode to sentinel or cluster",
            ),
            (KvKind::Memory, _, 1..) => found.warn("kv.urls", "is not used with kind memory"),
            _ => {}
        }
        if self.kind == KvKind::Redis
            && self.mode == KvMode::Sentinel
            && self.sentinel_master.is_none()
        {
            found.refuse(
                "kv.sentinel_master",
                "must name the master with mode sentinel",
            );
        }
        if self.prefix.is_empty() {
            found.refuse("kv.prefix", "must not be empty");
        }
        if self.allow_eviction {
            found.warn(
                "kv.allow_eviction",
                "lets Redis forget codes and limits under load",
            );
        }
        readable(found, "kv.ca_file", self.ca_file.as_ref());
        positive(found, "kv.timeout", self.timeout);
        positive(found, "kv.connect_timeout", self.connect_timeout);
        for url in &self.urls {
            check_redis(url.expose_secret(), found);
        }
    }
}

fn check_redis(url: &str, found: &mut Findings) {
    let is_plain = url.starts_with("redis://");
    if !is_plain && !url.starts_with("rediss://") {
        found.refuse("kv.urls", "must begin with `redis://` or `rediss://`");
    }
    if let Some(weakness) = secret::weakness_of_url(url) {
        found.refuse(
            "kv.urls",
            format!("has a password that {weakness}; set another"),
        );
    }
    if is_plain && !secret::is_loopback(url) {
        found.warn(
            "kv.urls",
            "reaches another machine without TLS; take `rediss://`",
        );
    }
}

impl Mail {
    fn check(&self, found: &mut Findings) {
        if self.from.parse::<lettre::message::Mailbox>().is_err() {
            found.refuse(
                "mail.from",
                "must be an address, such as \"Name <name@example.com>\"",
            );
        }
        readable(found, "mail.smtp_ca_file", self.smtp_ca_file.as_ref());
        if self.smtp_pool == 0 {
            found.refuse("mail.smtp_pool", "must be 1 or more");
        }
        positive(found, "mail.smtp_timeout", self.smtp_timeout);
        if self.kind == MailKind::Smtp {
            self.check_smtp(found);
        }
    }

    fn check_smtp(&self, found: &mut Findings) {
        let Some(host) = &self.smtp_host else {
            return found.refuse("mail.smtp_host", "must name the server with kind smtp");
        };
        let is_near = secret::is_loopback(&format!("smtp://{host}"));
        match (&self.smtp_username, &self.smtp_password) {
            (Some(_), None) => {
                found.refuse("mail.smtp_password", "is missing beside smtp_username");
            }
            (None, Some(_)) => {
                found.refuse("mail.smtp_username", "is missing beside smtp_password");
            }
            (Some(_), Some(password)) if !is_near => {
                if let Some(weakness) = secret::weakness(password.expose_secret()) {
                    found.refuse("mail.smtp_password", format!("{weakness}; set another"));
                }
            }
            _ => {}
        }
        match (self.smtp_security, &self.smtp_username) {
            (SmtpSecurity::None, Some(_)) if !is_near => found.refuse(
                "mail.smtp_security",
                "would send the password in the open; set it to starttls or tls",
            ),
            (SmtpSecurity::None, None) if !is_near => {
                found.warn("mail.smtp_security", "sends codes in the open");
            }
            _ => {}
        }
        if self.from.contains("@localhost") {
            found.warn("mail.from", "is at localhost; other servers will refuse it");
        }
    }
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// Refuses a file that is named and cannot be opened.
pub(super) fn readable(found: &mut Findings, key: &str, path: Option<&PathBuf>) {
    let Some(path) = path else { return };
    if let Err(error) = File::open(path) {
        found.refuse(key, format!("{} cannot be read: {error}", path.display()));
    }
}
