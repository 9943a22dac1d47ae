//! The configuration: defaults, then a TOML file, then the environment.
//!
//! Every key is declared once, in the file of its section; from there come its field, its default, its variable
//! (`ACCOUNTD_SECTION__KEY`), the faults that name it and its lines in `deploy/accountd.toml`.

mod declare;
mod grpc;
mod kv;
mod limits;
mod log;
mod mail;
mod passwords;
mod presets;
mod realm;
mod realm_words;
mod store;
mod tokens;

use std::{collections::BTreeMap, path::PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

pub use grpc::Grpc;
pub use kv::{Kv, KvKind, KvMode};
pub use limits::Limits;
pub use log::{Log, LogFormat};
pub use mail::{Mail, MailKind, SmtpSecurity};
pub use passwords::Passwords;
pub use realm::Realm;
pub use realm_words::{
    Activation, EmailChange, Locale, LoginSteps, LoginWith, PhoneRule, Presence, Reauthentication,
};
pub use store::{Migrate, Store};
pub use tokens::{Algorithm, Keys, Tokens};

use declare::settings;

settings! {
    /// All that can be configured. A text left empty where there is no default means: not set.
    pub struct Settings {
        /// Directory of what this process keeps itself: the SQLite database, keys, mails and pictures as files.
        data_directory: PathBuf = PathBuf::from("data"),
    }
    with {
        /// The section `[grpc]`.
        grpc: Grpc = Grpc::default(),
        /// The section `[store]`.
        store: Store = Store::default(),
        /// The section `[kv]`.
        kv: Kv = Kv::default(),
        /// The section `[mail]`.
        mail: Mail = Mail::default(),
        /// The section `[passwords]`.
        passwords: Passwords = Passwords::default(),
        /// The section `[tokens]`.
        tokens: Tokens = Tokens::default(),
        /// The section `[keys]`.
        keys: Keys = Keys::default(),
        /// The section `[limits]`.
        limits: Limits = Limits::default(),
        /// The section `[log]`.
        log: Log = Log::default(),
        /// The sections `[realms.NAME]`, by name. Disabled ones are among them.
        realms: BTreeMap<String, Realm> = embedded_realms(),
    }
}

impl Settings {
    /// What runs without any configuration: everything in the data directory, loopback only, all presets as realms.
    pub fn embedded() -> Self {
        Self::default()
    }

    /// The URL of the database, with the word `sqlite` resolved to a file in the data directory.
    pub fn database_url(&self) -> SecretString {
        if self.store.url.expose_secret() == "sqlite" {
            let file = self.data_directory.join("accountd.db");
            return format!("sqlite://{}", file.display()).into();
        }
        self.store.url.clone()
    }

    /// The directory of the key files.
    pub fn keys_directory(&self) -> PathBuf {
        match &self.keys.directory {
            Some(directory) => directory.clone(),
            None => self.data_directory.join("keys"),
        }
    }
}

fn embedded_realms() -> BTreeMap<String, Realm> {
    presets::NAMES
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), presets::preset(name)?)))
        .collect()
}
