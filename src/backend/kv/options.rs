//! Which store to open, and how to reach it.

use std::{fmt, path::PathBuf, time::Duration};

use secrecy::SecretString;

/// Which store to open.
#[derive(Clone, Debug)]
pub enum Options {
    /// This process's memory.
    Memory,
    /// A Redis.
    Redis(RedisOptions),
}

/// How to reach a Redis.
#[derive(Clone)]
pub struct RedisOptions {
    /// `redis://` or `rediss://` addresses: one server, or some of the sentinels or cluster nodes. User, password
    /// and database are those of the data nodes, whatever the mode.
    pub urls: Vec<String>,
    /// How the servers hang together.
    pub mode: Mode,
    /// What every key begins with: 1 to 64 letters, digits, `-`, `_`, `.` or `:`.
    pub prefix: String,
    /// The longest that one call may take, with whatever it has to wait for.
    pub timeout: Duration,
    /// The longest that reaching a server may take: asking sentinels, TCP, TLS, login and the policy check together.
    pub connect_timeout: Duration,
    /// A PEM file of the only authorities to trust, in place of the system's; needs `rediss://`.
    pub ca_file: Option<PathBuf>,
    /// Whether a Redis that may evict live keys is accepted.
    pub allow_eviction: bool,
}

/// How the servers hang together.
#[derive(Clone, Debug)]
pub enum Mode {
    /// One server, at the one URL.
    Single,
    /// A master that the sentinels at the URLs name.
    Sentinel {
        /// The name under which they watch it.
        master: String,
        /// The password that the sentinels themselves ask for, if they do.
        password: Option<SecretString>,
    },
    /// A Redis Cluster, some of whose nodes are at the URLs.
    Cluster,
}

impl RedisOptions {
    /// One server for one URL, with the defaults: prefix `accountd`, 250 ms per call, 1 s to connect.
    pub fn new(urls: Vec<String>) -> Self {
        Self {
            urls,
            mode: Mode::Single,
            prefix: "accountd".to_owned(),
            timeout: Duration::from_millis(250),
            connect_timeout: Duration::from_secs(1),
            ca_file: None,
            allow_eviction: false,
        }
    }
}

impl fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisOptions")
            // They may hold passwords.
            .field("urls", &format_args!("[{} redacted]", self.urls.len()))
            .field("mode", &self.mode)
            .field("prefix", &self.prefix)
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("ca_file", &self.ca_file)
            .field("allow_eviction", &self.allow_eviction)
            .finish()
    }
}
