//! Contradictions and weak points of the settings. What concerns one realm, or the world outside, has its own file.

use std::time::Duration;

use super::{
    Keys, Limits, Log, Passwords, Settings, Tokens, check_admin, check_gateway, check_metrics,
    check_outside, check_traces, findings::Findings,
};

/// Memory in KiB and passes that OWASP holds to be of equal strength; a hash must reach one of them.
const HASH_FLOORS: [(u32, u32); 5] = [
    (47_104, 1),
    (19_456, 2),
    (12_288, 3),
    (9_216, 4),
    (7_168, 5),
];

impl Settings {
    pub(super) fn check(&self) -> Findings {
        let mut found = Findings::default();
        check_outside::check(self, &mut found);
        check_gateway::check(self, &mut found);
        check_metrics::check(self, &mut found);
        check_admin::check(self, &mut found);
        check_traces::check(self, &mut found);
        self.passwords.check(&mut found);
        self.tokens.check(&mut found);
        self.keys.check(&mut found);
        self.check_lifetimes(&mut found);
        self.limits.check(&mut found);
        self.log.check(&mut found);
        for realm in self.realms.values() {
            realm.check(&mut found);
        }
        if !self.realms.values().any(|realm| realm.enabled) {
            found.refuse("realms", "all are disabled; enable one");
        }
        found
    }

    /// A key must verify for as long as any token that it has signed.
    fn check_lifetimes(&self, found: &mut Findings) {
        let enabled = self.realms.values().filter(|realm| realm.enabled);
        let Some(longest) = enabled.max_by_key(|realm| realm.access_lifetime) else {
            return;
        };
        if self.keys.keep < longest.access_lifetime {
            let name = &longest.name;
            found.refuse(
                "keys.keep",
                format!("ends before the tokens of realm {name}; raise it to realms.{name}.access_lifetime or more"),
            );
        }
    }
}

impl Passwords {
    fn check(&self, found: &mut Findings) {
        let reaches = |(memory, passes)| self.memory_kib >= memory && self.passes >= passes;
        if !HASH_FLOORS.into_iter().any(reaches) {
            found.refuse(
                "passwords.memory_kib",
                "is too cheap with these passes; take 19456 with 2 passes, or 47104 with 1",
            );
        }
        if self.lanes == 0 || self.lanes > 16 {
            found.refuse("passwords.lanes", "must be from 1 to 16");
        }
        if self.max_memory_kib < self.memory_kib {
            found.refuse(
                "passwords.max_memory_kib",
                "would refuse our own hashes; raise it to memory_kib or more",
            );
        }
        if self.max_passes < self.passes {
            found.refuse(
                "passwords.max_passes",
                "would refuse our own hashes; raise it to passes or more",
            );
        }
        if !(4..=20).contains(&self.max_bcrypt_cost) {
            found.refuse(
                "passwords.max_bcrypt_cost",
                "must be from 4 to 20; a hash of cost 14 takes about a second, one of 20 a minute",
            );
        }
        if self.max_pbkdf2_iterations == 0 {
            found.refuse("passwords.max_pbkdf2_iterations", "must be 1 or more");
        }
        if self.threads > 1024 {
            found.refuse(
                "passwords.threads",
                "must be 1024 at most; 0 is one per core",
            );
        }
        if self.queue == 0 {
            found.refuse("passwords.queue", "must be 1 or more");
        }
    }
}

impl Tokens {
    fn check(&self, found: &mut Findings) {
        for (key, text) in [("issuer", &self.issuer), ("audience", &self.audience)] {
            if text.trim().is_empty() {
                found.refuse(format!("tokens.{key}"), "must not be empty");
            }
        }
    }
}

impl Keys {
    fn check(&self, found: &mut Findings) {
        positive(found, "keys.reload", self.reload);
        if self.activation_delay < self.reload {
            found.refuse(
                "keys.activation_delay",
                "lets a key sign before the other replicas have read it; raise it to reload or more",
            );
        }
        for (name, every) in [
            ("rotate_signing_every", self.rotate_signing_every),
            ("rotate_secret_every", self.rotate_secret_every),
        ] {
            if !every.is_zero() && every < self.activation_delay.saturating_add(self.keep) {
                found.refuse(
                    format!("keys.{name}"),
                    "piles keys up; raise it to activation_delay and keep together, or more",
                );
            }
        }
    }
}

impl Limits {
    fn check(&self, found: &mut Findings) {
        let limits = [
            ("address", self.address_burst, self.address_period),
            ("login", self.login_burst, self.login_period),
            ("account", self.account_burst, self.account_period),
            ("picture", self.picture_burst, self.picture_period),
            ("realm", self.realm_burst, self.realm_period),
        ];
        for (name, burst, period) in limits {
            if burst == 0 {
                found.warn(format!("limits.{name}_burst"), "is 0: nothing limits this");
            } else if period < Duration::from_millis(1) {
                found.refuse(
                    format!("limits.{name}_period"),
                    format!("must be 1ms or more; {name}_burst = 0 turns the limit off"),
                );
            }
        }
    }
}

impl Log {
    fn check(&self, found: &mut Findings) {
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(&self.level) {
            found.refuse("log.level", format!("is no list of directives: {error}"));
        }
    }
}

/// Refuses a wait of nothing.
pub(super) fn positive(found: &mut Findings, key: &str, wait: Duration) {
    if wait.is_zero() {
        found.refuse(key, "must be longer than 0");
    }
}
