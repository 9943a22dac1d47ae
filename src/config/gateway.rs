//! The sections `[gateway]` and `[dialects.NAME]`: REST in front of the contract.

use std::{net::SocketAddr, time::Duration};

use super::declare::settings;

settings! {
    /// REST in front of the contract: what all dialects have in common.
    pub struct Gateway {
        /// Another accountd whose gRPC is spoken to, such as `https://accounts.example.com:50051`; this process when not
        /// set. It must count this one among its `grpc.trusted_proxies`.
        address: Option<String> = None,
        /// Origins whose pages may call with cookies, such as `https://shop.example.com`; `*` for all, without cookies.
        cors_origins: Vec<String> = Vec::new(),
        /// Longest body in bytes; bodies with a picture may have that and the realm's own limit.
        body_bytes: usize = 65_536,
        /// Longest time for one request.
        timeout: Duration = Duration::from_secs(30),
        /// Connections of one listener at a time; more wait to be accepted.
        max_connections: usize = 10_000,
        /// Whether cookies are sent over TLS only. Browsers and curl count `localhost` as safe.
        secure_cookies: bool = true,
        /// Whether each dialect serves its OpenAPI document at `/openapi.json` and a page to try it at `/docs`.
        docs: bool = true,
    }
}

settings! {
    /// One dialect: a REST document, spoken on a listener.
    pub struct Dialect {
        /// Whether it is served.
        enabled: bool = true,
        /// Address and port to listen on. Dialects that share one are told apart by `host` or `prefix`.
        listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 3000)),
        /// Realm that it is bound to.
        realm: String = String::from("default"),
        /// The only name of the server that it answers to; any when not set.
        host: Option<String> = None,
        /// What its paths begin with, such as `/shop`; nothing when empty.
        prefix: String = String::new(),
    }
}

impl Dialect {
    /// The dialect of that name as it is served by default: on a port of its own, bound to the realm of its name.
    pub(super) fn of(name: &str, port: u16) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], port)),
            realm: name.to_owned(),
            ..Self::default()
        }
    }
}

/// The five dialects.
#[derive(Clone, Debug)]
pub struct Dialects {
    /// The document `school`.
    pub school: Dialect,
    /// The document `customer`.
    pub customer: Dialect,
    /// The document `contact`.
    pub contact: Dialect,
    /// The document `profile`.
    pub profile: Dialect,
    /// The document `two_step`.
    pub two_step: Dialect,
}

impl Default for Dialects {
    fn default() -> Self {
        Self {
            school: Dialect::of("school", 3000),
            customer: Dialect::of("customer", 3001),
            contact: Dialect::of("contact", 3002),
            profile: Dialect::of("profile", 3003),
            two_step: Dialect::of("two_step", 3004),
        }
    }
}

impl Dialects {
    /// All of them, to be changed alike.
    pub fn all_mut(&mut self) -> [&mut Dialect; 5] {
        [
            &mut self.school,
            &mut self.customer,
            &mut self.contact,
            &mut self.profile,
            &mut self.two_step,
        ]
    }

    /// All of them, each with its name.
    pub fn all(&self) -> [(&'static str, &Dialect); 5] {
        [
            ("school", &self.school),
            ("customer", &self.customer),
            ("contact", &self.contact),
            ("profile", &self.profile),
            ("two_step", &self.two_step),
        ]
    }
}

impl super::Settings {
    /// The dialects that are served, each with its name: those that are enabled and whose realm is.
    pub fn served_dialects(&self) -> impl Iterator<Item = (&'static str, &Dialect)> {
        let has_realm = |dialect: &Dialect| {
            let realm = self.realms.get(&dialect.realm);
            self.gateway.address.is_some() || realm.is_some_and(|realm| realm.enabled)
        };
        self.dialects
            .all()
            .into_iter()
            .filter(move |(_, dialect)| dialect.enabled && has_realm(dialect))
    }
}
