//! From a new reading to what is in force: all of it or nothing.

use std::sync::Arc;

use anyhow::Context as _;

use super::Reload;
use crate::{
    app::Policy,
    command::serve::open,
    config::{Change, Settings},
    store::account,
};

impl Reload {
    /// Puts in force what of `next` acts without a restart, and tells what has changed. Whether anything has.
    ///
    /// Refused, with nothing changed: settings that contradict those which stay, and the end of a realm that has accounts or
    /// a dialect.
    pub(super) async fn apply(&mut self, next: &Settings) -> anyhow::Result<bool> {
        let changes = self.settings.changes_to(next);
        let (live, fixed): (Vec<Change>, Vec<Change>) =
            changes.into_iter().partition(|change| change.is_live);
        let merged = self.settings.with_live(next);
        merged.validate()?;
        let old = self.app.policy.load_full();
        let mut policy = open::policy(&merged)?;
        // Tokens of the time before are still about.
        let longest = &mut policy.tokens.max_lifetime;
        *longest = old.tokens.max_lifetime.max(*longest);
        self.spare_realms(&old, &policy, &merged).await?;
        self.app.policy.store(Arc::new(policy));
        // Told by whichever level of the log lets it through.
        let is_heard = tracing::enabled!(tracing::Level::INFO);
        if is_heard {
            self.tell(&merged, &live, &fixed);
        }
        if merged.log.level != self.settings.log.level {
            self.filter.set(&merged.log.level)?;
        }
        if !is_heard {
            self.tell(&merged, &live, &fixed);
        }
        self.settings = merged;
        Ok(!live.is_empty())
    }

    /// Refuses to end a realm that somebody needs.
    async fn spare_realms(
        &self,
        old: &Policy,
        new: &Policy,
        merged: &Settings,
    ) -> anyhow::Result<()> {
        for name in old.realms.keys() {
            if new.realms.contains_key(name) {
                continue;
            }
            let mut dialects = self.settings.served_dialects();
            let dialect = dialects.find(|(_, dialect)| dialect.realm == *name);
            if let Some((dialect, _)) = dialect.filter(|_| merged.gateway.address.is_none()) {
                anyhow::bail!(
                    "realms.{name}: is what the dialect {dialect} serves; restart to end it"
                );
            }
            let is_inhabited = account::Entity::is_any_in(&self.app.db, name)
                .await
                .with_context(|| {
                    format!("realms.{name}: it cannot be told whether it has accounts; send SIGHUP to try again")
                })?;
            if is_inhabited {
                anyhow::bail!("realms.{name}: has accounts; restart to end it");
            }
        }
        Ok(())
    }

    fn tell(&self, merged: &Settings, live: &[Change], fixed: &[Change]) {
        for Change { key, old, new, .. } in live {
            tracing::info!(key, old, new, "a setting has changed");
        }
        for Change { key, old, new, .. } in fixed {
            tracing::warn!(
                key,
                old,
                new,
                "a setting needs a restart, and stays as it was"
            );
        }
        let before: Vec<&str> = self
            .settings
            .served_dialects()
            .map(|(name, _)| name)
            .collect();
        let unserved = merged.served_dialects();
        for (name, _) in unserved.filter(|(name, _)| !before.contains(name)) {
            let key = format!("dialects.{name}");
            tracing::warn!(key, "its realm is served now, and it is after a restart");
        }
        let known = self.settings.warnings();
        for warning in merged.warnings() {
            if !known.contains(&warning) {
                tracing::warn!(key = warning.key, "{}", warning.message);
            }
        }
        if live.is_empty() && fixed.is_empty() {
            tracing::info!("the configuration was read again and has not changed");
        }
    }
}
