//! The configuration: defaults, then a TOML file, then the environment.
//!
//! Every key is declared once, in the file of its section; from there come its field, its default, its variable
//! (`ACCOUNTD_SECTION__KEY`), the faults that name it and its lines in `deploy/accountd.toml`.

mod admin;
mod check;
mod check_admin;
mod check_gateway;
mod check_lifetimes;
mod check_metrics;
mod check_outside;
mod check_pictures;
mod check_realm;
mod check_tls;
mod check_traces;
mod declare;
mod findings;
mod gateway;
mod grpc;
mod kv;
mod limits;
mod live;
mod log;
mod mail;
mod metrics;
mod origin;
mod passwords;
mod pictures;
mod presets;
mod reader;
mod realm;
mod realm_words;
mod secret;
mod section;
mod sources;
mod store;
mod template;
mod tokens;
mod traces;
mod value;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret as _, SecretString};

pub use admin::Admin;
pub use findings::{Faults, Remark};
pub use gateway::{Dialect, Dialects, Gateway};
pub use grpc::Grpc;
pub use kv::{Kv, KvKind, KvMode};
pub use limits::Limits;
pub use live::Change;
pub use log::{Log, LogFormat};
pub use mail::{Mail, MailKind, SmtpSecurity};
pub use metrics::Metrics;
pub use origin::Origin;
pub use passwords::Passwords;
pub use pictures::{PictureKind, Pictures};
pub use presets::Preset;
pub use realm::Realm;
pub use realm_words::{
    Activation, EmailChange, Locale, LoginSteps, LoginWith, PhoneRule, PictureType, Presence,
    Reauthentication,
};
pub use store::{Migrate, Store};
pub use tokens::{Algorithm, Keys, Tokens};
pub use traces::Traces;

use declare::settings;
use findings::Findings;
use reader::{Given, Reader};
use section::Section;
use sources::Sources;

settings! {
    /// All that can be configured. A text left empty where there is no default means: not set.
    pub struct Settings {
        /// Directory of what this process keeps itself: the SQLite database, keys, mails and pictures as files.
        data_directory: PathBuf = PathBuf::from("data"),
    }
    with {
        /// The section `[grpc]`.
        grpc: Grpc = Grpc::default(),
        /// The section `[gateway]`.
        gateway: Gateway = Gateway::default(),
        /// The sections `[dialects.NAME]`.
        dialects: Dialects = Dialects::default(),
        /// The section `[store]`.
        store: Store = Store::default(),
        /// The section `[kv]`.
        kv: Kv = Kv::default(),
        /// The section `[mail]`.
        mail: Mail = Mail::default(),
        /// The section `[pictures]`.
        pictures: Pictures = Pictures::default(),
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
        /// The section `[metrics]`.
        metrics: Metrics = Metrics::default(),
        /// The section `[admin]`.
        admin: Admin = Admin::default(),
        /// The section `[traces]`.
        traces: Traces = Traces::default(),
        /// The sections `[realms.NAME]`, by name. Disabled ones are among them.
        realms: BTreeMap<String, Realm> = Preset::realms(),
    }
}

impl Settings {
    /// What runs without any configuration: everything in the data directory, loopback only, all presets as realms.
    pub fn embedded() -> Self {
        Self::default()
    }

    /// The defaults, with the file over them and the environment over both.
    ///
    /// The file is `path`, else what `ACCOUNTD_CONFIG` names, else there is none. Refused with every fault at once:
    /// what cannot be read, what nobody knows, and what contradicts itself.
    pub fn load(
        path: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, Faults> {
        Origin::new(path, environment).load()
    }

    /// Refused as [`Settings::load`] would, for settings that were put together out of those in force and others. What is wrong
    /// with those in force as well has become so since, like a file that was needed at their start.
    pub fn validate_after(&self, in_force: &Self) -> Result<(), Faults> {
        let mut found = self.check();
        found.forget(&in_force.check());
        found.into_faults().map_or(Ok(()), Err)
    }

    /// What works and is weaker than it could be, for the operator to know.
    pub fn warnings(&self) -> Vec<Remark> {
        self.check().into_warnings()
    }

    fn read(mut sources: Sources, findings: &mut Findings) -> Self {
        let mut settings = Self::embedded();
        let mut names = vec!["realms"];
        for (name, section) in settings.sections() {
            let given = sources.section(name, findings);
            let mut reader = Reader::new(name, given, findings);
            section.read(&mut reader);
            reader.finish();
            names.push(name);
        }
        for (name, given) in sources.realms(findings) {
            let realm = read_realm(&name, given, findings);
            settings.realms.insert(name, realm);
        }
        let mut reader = Reader::new("", sources.rest(), findings);
        reader.know(&names);
        settings.read(&mut reader);
        reader.finish();
        settings
    }

    fn sections(&mut self) -> [(&'static str, &mut dyn Section); 19] {
        [
            ("grpc", &mut self.grpc),
            ("gateway", &mut self.gateway),
            ("dialects.school", &mut self.dialects.school),
            ("dialects.customer", &mut self.dialects.customer),
            ("dialects.contact", &mut self.dialects.contact),
            ("dialects.profile", &mut self.dialects.profile),
            ("dialects.two_step", &mut self.dialects.two_step),
            ("store", &mut self.store),
            ("kv", &mut self.kv),
            ("mail", &mut self.mail),
            ("pictures", &mut self.pictures),
            ("passwords", &mut self.passwords),
            ("tokens", &mut self.tokens),
            ("keys", &mut self.keys),
            ("limits", &mut self.limits),
            ("log", &mut self.log),
            ("metrics", &mut self.metrics),
            ("admin", &mut self.admin),
            ("traces", &mut self.traces),
        ]
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

    /// The file of the operators.
    pub fn operators_file(&self) -> PathBuf {
        match &self.admin.operators {
            Some(file) => file.clone(),
            None => self.data_directory.join("operators.toml"),
        }
    }

    /// The directory of pictures that are kept as files.
    pub fn pictures_directory(&self) -> PathBuf {
        match &self.pictures.directory {
            Some(directory) => directory.clone(),
            None => self.data_directory.join("pictures"),
        }
    }

    /// The directory where uploads wait until they are whole.
    pub fn spool_directory(&self) -> PathBuf {
        match &self.pictures.spool_directory {
            Some(directory) => directory.clone(),
            None => self.data_directory.join("spool"),
        }
    }
}

/// The secret that a file holds, without the line end that editors add.
///
/// Refused: files over 64 KiB, empty ones, and those that others than their owner may read.
pub fn secret_file(path: &Path) -> Result<SecretString, String> {
    secret::read(path, true).map(SecretString::from)
}

/// The variables of this process, for [`Settings::load`]. What is not UTF-8 in a text becomes `�`.
#[expect(clippy::disallowed_methods, reason = "the one place that reads them")]
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, text)| Some((name.into_string().ok()?, text.to_string_lossy().into())))
}

fn read_realm(name: &str, given: Given, findings: &mut Findings) -> Realm {
    let mut reader = Reader::new(format!("realms.{name}"), given, findings);
    let mut preset = Preset::named(name).unwrap_or(Preset::Default);
    reader.read("preset", &mut preset);
    let mut realm = Realm {
        name: name.to_owned(),
        ..preset.realm()
    };
    realm.read(&mut reader);
    reader.finish();
    realm
}
