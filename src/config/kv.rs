//! The section `[kv]`: where live codes, revocation marks, limits and claims on request ids are kept.

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;

use super::declare::{settings, words};

words! {
    /// Which key-value store is used.
    pub enum KvKind {
        /// The process itself: one replica, forgotten at restart.
        Memory = "memory",
        /// Redis, shared by all replicas.
        Redis = "redis",
    }
}

words! {
    /// How the Redis at `kv.urls` is set up.
    pub enum KvMode {
        /// One server, or one address in front of several.
        Single = "single",
        /// Sentinels, which tell where the master is.
        Sentinel = "sentinel",
        /// A cluster; the URLs are some of its nodes.
        Cluster = "cluster",
    }
}

settings! {
    /// The key-value store for live codes, revocation marks, limits and claims on request ids.
    pub struct Kv {
        /// `memory` (one replica) or `redis`.
        kind: KvKind = KvKind::Memory,
        /// Redis URLs (`redis://` or, with TLS, `rediss://`); several for sentinels and clusters.
        urls: Vec<SecretString> = Vec::new(),
        /// `single`, `sentinel` or `cluster`.
        mode: KvMode = KvMode::Single,
        /// Name of the master that the sentinels watch. Needed with mode `sentinel`.
        sentinel_master: Option<String> = None,
        /// Password of the sentinels themselves, where they ask for one.
        sentinel_password: Option<SecretString> = None,
        /// Beginning of every key, so that several services can share one Redis.
        prefix: String = String::from("accountd"),
        /// Longest time for one command before SQL is asked instead.
        timeout: Duration = Duration::from_millis(250),
        /// Longest time to open a connection.
        connect_timeout: Duration = Duration::from_secs(1),
        /// PEM file with the authorities that `rediss://` servers are checked against, in place of the system's.
        ca_file: Option<PathBuf> = None,
        /// Whether to start on a Redis that may drop keys when memory is short, and with them codes and limits.
        allow_eviction: bool = false,
    }
}
