//! From a new reading to what is in force: all of it or nothing.

use std::sync::Arc;

use anyhow::Context as _;
use tokio::task::spawn_blocking;

use super::Reload;
use crate::{
    app::Policy,
    command::serve::open,
    config::{Change, Faults, Settings},
    store::account,
};

/// Tokens of the time before are still about.
fn keep_lifetimes(old: &Policy, new: &mut Policy) {
    let longest = &mut new.tokens.max_lifetime;
    *longest = old.tokens.max_lifetime.max(*longest);
    for (name, realm) in &mut new.realms {
        if let Some(old) = old.realms.get(name)
            // Nobody else has it yet.
            && let Some(realm) = Arc::get_mut(realm)
        {
            realm.longest_token = old.longest_token.max(realm.longest_token);
        }
    }
}

/// Refuses to begin with a realm only because the file does not say any more that it is not served: it may have been cut off.
fn refuse_unsaid(in_force: &Settings, merged: &Settings, text: &str) -> anyhow::Result<()> {
    let file: toml::Table = text.parse()?;
    let realms = file.get("realms").and_then(toml::Value::as_table);
    let is_said = |name: &str| {
        let realm = realms.and_then(|realms| realms.get(name)?.as_table());
        realm.is_some_and(|realm| realm.contains_key("enabled"))
    };
    let was_shut = |name: &String| {
        let realm = in_force.realms.get(name);
        realm.is_some_and(|realm| !realm.enabled)
    };
    let served = merged.realms.iter().filter(|(_, realm)| realm.enabled);
    let begun = served
        .map(|(name, _)| name)
        .find(|name| was_shut(name) && !is_said(name));
    if let Some(name) = begun {
        anyhow::bail!(
            "realms.{name}: would be served because the file does not say any more that it is not; set `enabled`, or restart"
        );
    }
    Ok(())
}

impl Reload {
    /// Puts in force what of `next` acts without a restart, and tells what has changed. Whether anything has.
    ///
    /// Refused, with nothing changed: settings that contradict those which stay, and the end of a realm that has accounts or
    /// a dialect.
    pub(super) async fn apply(&mut self, next: &Settings, text: &str) -> anyhow::Result<bool> {
        let changes = self.settings.changes_to(next);
        let (live, fixed): (Vec<Change>, Vec<Change>) =
            changes.into_iter().partition(|change| change.is_live);
        let merged = self.settings.with_live(next);
        let (merged, checked) = self.check(merged).await?;
        checked?;
        let old = self.app.policy.load_full();
        let mut policy = open::policy(&merged)?;
        keep_lifetimes(&old, &mut policy);
        self.spare_realms(&old, &policy, &merged).await?;
        refuse_unsaid(&self.settings, &merged, text)?;
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

    /// Checks settings away from the calls: it looks at files.
    async fn check(&self, merged: Settings) -> anyhow::Result<(Settings, Result<(), Faults>)> {
        let in_force = self.settings.clone();
        let check = move || {
            let checked = merged.validate_after(&in_force);
            (merged, checked)
        };
        Ok(spawn_blocking(check).await?)
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn policy(access_lifetime: Duration) -> Policy {
        let mut settings = Settings::embedded();
        for realm in settings.realms.values_mut() {
            realm.access_lifetime = access_lifetime;
        }
        open::policy(&settings).unwrap()
    }

    #[test]
    fn what_outlives_a_token_goes_by_the_longest_that_may_be_about() {
        let (long, short) = (Duration::from_hours(1), Duration::from_mins(5));
        let mut in_force = policy(long);
        for next in [short, Duration::from_mins(10)] {
            let mut next = policy(next);
            keep_lifetimes(&in_force, &mut next);
            assert_eq!(next.tokens.max_lifetime, long);
            assert!(
                next.realms
                    .values()
                    .all(|realm| realm.longest_token == long)
            );
            in_force = next;
        }
    }
}
