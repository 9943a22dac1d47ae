//! No secret of the configuration in what is told, whoever said it.

use secrecy::{ExposeSecret as _, SecretString};

use crate::config::Settings;

/// What stands in the place of a secret.
const MASK: &str = "***";

/// Shorter ones are left: they are parts of common words, and masking those would give them away.
const SHORTEST: usize = 4;

/// The secrets of the configuration.
#[derive(Default)]
pub(super) struct Redact(Vec<SecretString>);

impl Redact {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut secrets = Vec::new();
        for url in std::iter::once(&settings.store.url).chain(&settings.kv.urls) {
            secrets.extend(passwords(url.expose_secret()));
        }
        let plain = [
            &settings.kv.sentinel_password,
            &settings.mail.smtp_password,
            &settings.pictures.secret_access_key,
            &settings.pictures.access_key,
        ];
        secrets.extend(plain.into_iter().flatten().cloned());
        secrets.retain(|secret| secret.expose_secret().len() >= SHORTEST);
        // A secret that is part of another one would leave the rest of it.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
        Self(secrets)
    }

    /// The text with a mask for each secret.
    pub(super) fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            text = text.replace(secret.expose_secret(), MASK);
        }
        text
    }
}

/// The passwords in a URL: before its host, and among its parameters.
fn passwords(url: &str) -> Vec<SecretString> {
    let authority = url
        .split_once("://")
        .and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
    let named = authority
        .and_then(|authority| authority.rsplit_once('@'))
        .and_then(|(user, _)| user.split_once(':'))
        .map(|(_, password)| password);
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    let given = parameters
        .split('&')
        .filter_map(|pair| pair.strip_prefix("password="));
    named
        .into_iter()
        .chain(given)
        .map(SecretString::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_secret_is_masked_wherever_it_stands() {
        let mut settings = Settings::embedded();
        settings.store.url = "postgres://me:one-secret@db/x?password=another".into();
        settings.kv.urls = vec!["rediss://:third-secret@redis".into()];
        settings.mail.smtp_password = Some("one-secret-more".into());
        let told = Redact::new(&settings)
            .apply("me, one-secret, another, third-secret, one-secret-more, db");
        assert_eq!(told, "me, ***, ***, ***, ***, db");
    }
}
