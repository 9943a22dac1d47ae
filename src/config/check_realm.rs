//! Contradictions and weak points of one realm. What concerns its numbers and times stands in `check_lifetimes`.

use super::{
    Activation, EmailChange, LoginSteps, LoginWith, Presence, Preset, Realm, findings::Findings,
};

impl Realm {
    /// Checks the realm; a disabled one too, since it may be enabled next.
    pub(super) fn check(&self, found: &mut Findings) {
        let mut at = At {
            realm: &self.name,
            enabled: self.enabled,
            found,
        };
        self.check_name(&mut at);
        self.check_identifiers(&mut at);
        self.check_lengths(&mut at);
        self.check_codes(&mut at);
        self.check_sessions(&mut at);
        self.check_schema(&mut at);
        self.check_pictures(&mut at);
    }

    fn check_name(&self, at: &mut At<'_>) {
        let lower =
            |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_';
        let usable = self.name.bytes().all(lower) && !self.name.contains("__");
        if !usable || self.name.is_empty() || self.name.len() > 32 {
            at.refuse(
                "enabled",
                "belongs to a realm whose name is none; take 1 to 32 of a-z, 0-9 and single underscores",
            );
        }
        let title = self.title.trim();
        if title.is_empty() || title.chars().count() > 64 {
            at.refuse("title", "must have 1 to 64 characters");
        }
        if self.default_role.trim().is_empty() {
            at.refuse("default_role", "must not be empty");
        }
    }

    fn check_identifiers(&self, at: &mut At<'_>) {
        if self.login_with.is_empty() {
            at.refuse("login_with", "names nothing; name username, email or phone");
        }
        for identifier in &self.login_with {
            if self.presence(*identifier) == Presence::Off {
                let key = identifier.as_str();
                at.refuse(
                    "login_with",
                    format!("names {key}, which is off; set {key} to optional or required"),
                );
            }
        }
        let of_everyone = |identifier: &LoginWith| self.presence(*identifier) == Presence::Required;
        if !self.login_with.is_empty() && !self.login_with.iter().any(of_everyone) {
            at.refuse(
                "login_with",
                "names nothing that every account has; set one of its fields to required",
            );
        }
        self.check_email(at);
        let region = &self.phone_region;
        if !region.is_empty() && region.parse::<phonenumber::country::Id>().is_err() {
            at.refuse(
                "phone_region",
                "must be a country of two capital letters, such as \"ID\"",
            );
        }
    }

    fn presence(&self, identifier: LoginWith) -> Presence {
        match identifier {
            LoginWith::Username => self.username,
            LoginWith::Email => self.email,
            LoginWith::Phone => self.phone,
        }
    }

    /// What cannot work for accounts without an email address.
    fn check_email(&self, at: &mut At<'_>) {
        if self.activation == Activation::After && self.email != Presence::Required {
            at.refuse(
                "activation",
                "is after and sends every account a code; set email to required",
            );
        }
        if self.activation == Activation::Before && self.email == Presence::Off {
            at.refuse(
                "activation",
                "is before and asks for a code by mail; set email to optional or required",
            );
        }
        if self.login_steps == LoginSteps::Two && self.email != Presence::Required {
            at.refuse(
                "login_steps",
                "is two and sends a code at each login; set email to required",
            );
        }
        if self.password_reset && self.email == Presence::Off {
            at.refuse(
                "password_reset",
                "goes by mail; set it to false, or email to optional or required",
            );
        }
        if self.activation == Activation::None && self.email != Presence::Off {
            at.warn(
                "activation",
                "is none: anyone can register with another's address",
            );
        }
        if self.email_change == EmailChange::AtOnce && self.email != Presence::Off {
            at.warn(
                "email_change",
                "is at_once: an address is taken over without any proof",
            );
        }
        if self.disclose_accounts {
            at.warn(
                "disclose_accounts",
                "is on: strangers can find out who has an account",
            );
        }
    }

    fn check_lengths(&self, at: &mut At<'_>) {
        at.range("username", self.username_min, self.username_max, 100);
        at.range("full_name", self.full_name_min, self.full_name_max, 255);
        at.range("password", self.password_min, self.password_max, 128);
        if self.password_max < 64 {
            at.refuse("password_max", "forbids passphrases; set it to 64 or more");
        }
        if self.password_min < 8 {
            at.warn("password_min", "is under the floor of 8 characters");
        }
        if !self.password_blocklist {
            at.warn(
                "password_blocklist",
                "is off: the commonest passwords are accepted",
            );
        }
    }

    fn check_schema(&self, at: &mut At<'_>) {
        let Some(schema) = &self.attributes_schema else {
            return;
        };
        if Preset::has_schema(schema) {
            return;
        }
        if let Err(error) = jsonschema::validator_for(schema) {
            at.refuse("attributes_schema", format!("is no JSON Schema: {error}"));
        }
    }
}

/// Where remarks about one realm go.
pub(super) struct At<'a> {
    realm: &'a str,
    enabled: bool,
    found: &'a mut Findings,
}

impl At<'_> {
    pub(super) fn refuse(&mut self, key: &str, message: impl Into<String>) {
        self.found
            .refuse(format!("realms.{}.{key}", self.realm), message);
    }

    /// Warns of a realm that is served.
    pub(super) fn warn(&mut self, key: &str, message: impl Into<String>) {
        if self.enabled {
            self.found
                .warn(format!("realms.{}.{key}", self.realm), message);
        }
    }

    /// Refuses lengths of `field` that no text can have.
    fn range(&mut self, field: &str, min: u32, max: u32, most: u32) {
        if min == 0 {
            self.refuse(&format!("{field}_min"), "must be 1 or more");
        }
        if min > max {
            self.refuse(
                &format!("{field}_min"),
                format!("is more than {field}_max; lower it, or raise that"),
            );
        }
        if max > most {
            self.refuse(&format!("{field}_max"), format!("must be {most} at most"));
        }
    }
}
