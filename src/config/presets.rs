//! The realms that come along: `default`, and one for each REST document that accountd speaks.
//!
//! The five follow their documents where these speak. All five disclose accounts and have no blocklist, since the
//! documents promise telling refusals and their own sample passwords must pass.

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;

use super::{
    declare::words,
    realm::Realm,
    realm_words::{
        Activation, EmailChange, Locale, LoginSteps, LoginWith, PhoneRule, PictureType, Presence,
        Reauthentication,
    },
    value::Word as _,
};

words! {
    /// The realms that come along; each is served under its own name unless it is disabled.
    pub enum Preset {
        /// For new services.
        Default = "default",
        /// The document `customer`.
        Customer = "customer",
        /// The document `school`.
        School = "school",
        /// The document `contact`.
        Contact = "contact",
        /// The document `profile`.
        Profile = "profile",
        /// The document `two_step`.
        TwoStep = "two_step",
    }
}

impl Preset {
    /// The preset of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|preset| preset.as_str() == name)
    }

    /// The preset as a realm.
    pub fn realm(self) -> Realm {
        match self {
            Self::Default => Realm::default(),
            Self::Customer => customer(),
            Self::School => school(),
            Self::Contact => contact(),
            Self::Profile => profile(),
            Self::TwoStep => two_step(),
        }
    }

    /// Whether a schema of attributes is that of a preset, and so known to be right.
    pub fn has_schema(schema: &serde_json::Value) -> bool {
        let mut realms = Self::ALL.iter().map(|preset| preset.realm());
        realms.any(|realm| realm.attributes_schema.as_ref() == Some(schema))
    }

    /// All presets as realms, by name.
    pub(super) fn realms() -> BTreeMap<String, Realm> {
        let named = |preset: &Self| (preset.as_str().to_owned(), preset.realm());
        Self::ALL.iter().map(named).collect()
    }
}

/// What the five documents have in common: disclosure, no blocklist, no field but the email, and no picture.
fn documented(name: &str, title: &str) -> Realm {
    Realm {
        name: name.into(),
        title: title.into(),
        username: Presence::Off,
        phone: Presence::Off,
        full_name: Presence::Off,
        birth_date: Presence::Off,
        external_id: Presence::Off,
        password_blocklist: false,
        disclose_accounts: true,
        pictures: false,
        ..Realm::default()
    }
}

/// A code lives 2 minutes and is replaced only when it is over or its three guesses are spent. The only document with
/// pictures: PNG and JPEG of 3 MiB.
fn customer() -> Realm {
    let lifetime = Duration::from_mins(2);
    Realm {
        username: Presence::Required,
        username_min: 1,
        phone: Presence::Optional,
        phone_region: "HK".into(),
        phone_rule: PhoneRule::Digits,
        code_lifetime: lifetime,
        code_cooldown: lifetime,
        code_guesses: 3,
        code_replace_when_spent: true,
        login_with: vec![LoginWith::Username],
        access_lifetime: Duration::from_mins(30),
        pictures: true,
        picture_types: vec![PictureType::Jpeg, PictureType::Png],
        picture_max_bytes: 3 * 1024 * 1024,
        ..documented("customer", "Customer")
    }
}

/// Four digits are what the document says; three guesses make up for a part of it. A new email needs its code and no
/// old password there, hence the recent login.
fn school() -> Realm {
    let lifetime = Duration::from_mins(5);
    Realm {
        username: Presence::Required,
        username_max: 20,
        email: Presence::Optional,
        full_name: Presence::Required,
        full_name_min: 2,
        external_id: Presence::Required,
        password_min: 6,
        code_digits: 4,
        code_lifetime: lifetime,
        code_cooldown: lifetime,
        code_guesses: 3,
        activation: Activation::Before,
        tokens_after_activation: false,
        login_with: vec![LoginWith::Username],
        access_lifetime: Duration::from_mins(5),
        refresh_idle: Duration::from_hours(30 * 24),
        session_cap: 1,
        email_change: EmailChange::CodeBefore,
        reauthentication: Reauthentication::RecentLoginForAddress,
        default_role: "MEMBER".into(),
        locale: Locale::Id,
        attributes_schema: Some(json!({
            "type": "object",
            "properties": {
                "absentnum": { "type": "integer", "minimum": 1, "maximum": 40 },
                "angkatan": { "type": "integer", "minimum": 10, "maximum": 12 },
                "jurusan": { "enum": ["AKL", "PN", "MPLB", "TKJ", "BSN", "KUL", "ULP"] },
                "kelas": { "type": "integer", "minimum": 1, "maximum": 3 }
            },
            "required": ["absentnum", "angkatan", "jurusan"],
            "additionalProperties": false
        })),
        ..documented("school", "Perpustakaan")
    }
}

/// The source has no wait between codes; half a minute spares the mailbox and fits in the code's 2 minutes.
fn contact() -> Realm {
    Realm {
        phone: Presence::Required,
        phone_region: "ID".into(),
        phone_rule: PhoneRule::Digits,
        full_name: Presence::Required,
        full_name_max: 100,
        code_lifetime: Duration::from_mins(2),
        code_cooldown: Duration::from_secs(30),
        login_with: vec![LoginWith::Email],
        access_lifetime: Duration::from_hours(5),
        email_change: EmailChange::AtOnce,
        ..documented("contact", "Course")
    }
}

/// One token at a time, replaced by each login, and none for the code alone.
fn profile() -> Realm {
    Realm {
        username: Presence::Required,
        username_min: 2,
        username_max: 100,
        full_name: Presence::Required,
        full_name_min: 2,
        birth_date: Presence::Optional,
        code_lifetime: Duration::from_mins(5),
        code_cooldown: Duration::from_secs(30),
        tokens_after_activation: false,
        login_with: vec![LoginWith::Email],
        access_lifetime: Duration::from_hours(24),
        session_cap: 1,
        ..documented("profile", "Shop")
    }
}

/// Each login sends a code, so a day has more of them and they may follow each other soon. Its update has no place
/// for the old password, hence the recent login.
fn two_step() -> Realm {
    let hour = Duration::from_hours(1);
    Realm {
        username: Presence::Required,
        username_max: 30,
        username_alphanumeric: true,
        full_name: Presence::Required,
        full_name_min: 3,
        full_name_max: 50,
        code_lifetime: Duration::from_mins(3),
        code_cooldown: Duration::from_secs(10),
        code_daily: 30,
        tokens_after_activation: false,
        login_with: vec![LoginWith::Email],
        login_steps: LoginSteps::Two,
        access_lifetime: hour,
        reauthentication: Reauthentication::RecentLogin,
        recent_login: hour,
        ..documented("two_step", "Store")
    }
}
