//! Opening everything that the configuration names.

mod hearing;
mod pictures;

use std::{collections::BTreeMap, fs, os::unix::fs::DirBuilderExt as _, sync::Arc, time::Duration};

use anyhow::Context as _;
use arc_swap::ArcSwap;
use sea_orm::{ConnectionTrait as _, DbBackend};
use secrecy::ExposeSecret as _;
use tokio::sync::Notify;

use crate::{
    accounts::{
        fields::AttributeSchema,
        password::{HashOptions, HashPool, Pepper},
        picture::Cache,
        revocation::Alarm,
    },
    app::{App, Policy, Realm},
    backend::{Clock, Kv, Mailer, Objects, Random, kv, mail},
    config::{self, KvKind, KvMode, MailKind, PictureKind, Preset, Settings, SmtpSecurity},
    faults::Faults,
    keys::{self, Keys, Rotation, Schedule},
    sessions::token::{Expected, Verified},
    store::{self, Db},
};

pub use pictures::{options as picture_options, spool_directory, studio};

/// Opens everything, in an order that tells a wrong configuration before a missing dependency.
pub async fn app(settings: &Settings) -> anyhow::Result<(App, Mailer)> {
    let faults = Faults::from_environment();
    let clock = Clock::of_process(&faults);
    let random = Random::System;
    data_directory(settings)?;
    let policy = policy(settings)?;
    let keys = keys(settings, &clock, &random)?;
    let mailer = Mailer::open(mail_options(settings), clock.clone())?;
    let objects = Objects::open(picture_options(settings))?.with_faults(faults.clone());
    let spool = spool_directory(settings)?;
    let studio = studio(&settings.pictures)?;
    let hashing = hashing(settings, &keys, &random)?;
    let db = database(settings, &faults).await?;
    let lists = lists(settings, &db, &faults).await?;
    let kv = Kv::open(kv_options(&settings.kv), clock.clone()).await?;
    let kv = kv.with_faults(faults.clone());
    let held = hearing::held(settings, &kv);
    let local = Kv::open(kv::Options::Memory, clock.clone()).await?;
    let app = App {
        policy: ArcSwap::from_pointee(policy),
        db,
        lists,
        kv,
        local,
        marks_restored: Alarm::default(),
        verified: Verified::default(),
        held,
        objects,
        cache: Cache::new(settings.pictures.cache),
        studio,
        pictures: settings.pictures.clone(),
        spool,
        hashing,
        keys,
        clock,
        random,
        faults,
        mail: Arc::new(Notify::new()),
    };
    Ok((app, mailer))
}

/// What the service's access tokens say. No realm's live longer than the longest.
fn expected(settings: &Settings) -> Expected {
    let lifetimes = settings.realms.values().map(|realm| realm.access_lifetime);
    Expected {
        issuer: settings.tokens.issuer.clone(),
        audience: settings.tokens.audience.clone(),
        max_lifetime: lifetimes.max().unwrap_or_default(),
    }
}

/// How the keys in the directory follow each other.
pub fn rotation(settings: &Settings) -> Rotation {
    Rotation {
        algorithm: match settings.tokens.algorithm {
            config::Algorithm::Eddsa => keys::Algorithm::EdDsa,
            config::Algorithm::Es256 => keys::Algorithm::Es256,
        },
        activation_delay: settings.keys.activation_delay,
        keep: settings.keys.keep,
    }
}

/// When keys are rotated without an operator.
pub fn schedule(settings: &Settings) -> Schedule {
    let every = |time: Duration| Some(time).filter(|time| !time.is_zero());
    Schedule {
        signing: every(settings.keys.rotate_signing_every),
        secrets: every(settings.keys.rotate_secret_every),
    }
}

/// Opens the configured database.
pub async fn database(settings: &Settings, faults: &Faults) -> anyhow::Result<Db> {
    connect(settings, settings.store.statement_timeout, faults).await
}

/// Opens the configured database for what takes as long as it takes: the steps of its schema, and counting.
pub async fn database_for_steps(settings: &Settings) -> anyhow::Result<Db> {
    connect(settings, Duration::ZERO, &Faults::none()).await
}

/// Connections for lists of operators, of which there are never many at a time.
const LISTS: u32 = 2;

/// Opens the database for lists of operators. SQLite has no limit on statements, and one file.
async fn lists(settings: &Settings, db: &Db, faults: &Faults) -> anyhow::Result<Db> {
    if settings.admin.listen.is_none() || db.get_database_backend() == DbBackend::Sqlite {
        return Ok(db.clone());
    }
    let options = store::Options {
        max_connections: LISTS,
        // A list may wait for another, and an export for each of its pages.
        acquire_timeout: settings.grpc.request_deadline,
        ..database_options(settings, settings.grpc.request_deadline, faults)
    };
    let lists = store::connect(&options).await;
    lists.context("cannot open the database: check store.url")
}

async fn connect(settings: &Settings, limit: Duration, faults: &Faults) -> anyhow::Result<Db> {
    data_directory(settings)?;
    store::connect(&database_options(settings, limit, faults))
        .await
        .context("cannot open the database: check store.url")
}

/// How the configured database is reached, with so much time for a statement.
pub fn database_options(settings: &Settings, limit: Duration, faults: &Faults) -> store::Options {
    store::Options {
        url: settings.database_url().expose_secret().to_owned(),
        max_connections: settings.store.max_connections,
        acquire_timeout: settings.store.acquire_timeout,
        statement_timeout: limit,
        faults: faults.clone(),
    }
}

/// Makes the data directory where anything is to go into it: keys, mails, pictures
/// or accounts, so nobody else may look in.
fn data_directory(settings: &Settings) -> anyhow::Result<()> {
    let is_used = settings.store.url.expose_secret() == "sqlite"
        || settings.mail.kind == MailKind::File
        || settings.keys.directory.is_none()
        || settings.pictures.kind == PictureKind::File && settings.pictures.directory.is_none()
        || settings.pictures.spool_directory.is_none();
    if !is_used {
        return Ok(());
    }
    let path = &settings.data_directory;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot make the directory {}", path.display()))
}

/// What follows the configuration without a restart.
pub fn policy(settings: &Settings) -> anyhow::Result<Policy> {
    Ok(Policy {
        realms: realms(settings)?,
        limits: settings.limits.clone(),
        tokens: expected(settings),
    })
}

/// The realms that are served, each with its schema compiled.
fn realms(settings: &Settings) -> anyhow::Result<BTreeMap<String, Arc<Realm>>> {
    let served = settings.realms.iter().filter(|(_, rules)| rules.enabled);
    served
        .map(|(name, rules)| {
            let attributes =
                match &rules.attributes_schema {
                    Some(schema) if Preset::has_schema(schema) => {
                        Some(AttributeSchema::compile_later(schema.clone()))
                    }
                    Some(schema) => Some(AttributeSchema::compile(schema).map_err(|text| {
                        anyhow::anyhow!("realms.{name}.attributes_schema: {text}")
                    })?),
                    None => None,
                };
            let realm = Realm {
                longest_token: rules.access_lifetime,
                rules: rules.clone(),
                attributes,
            };
            Ok((name.clone(), Arc::new(realm)))
        })
        .collect()
}

fn keys(settings: &Settings, clock: &Clock, random: &Random) -> anyhow::Result<Keys> {
    let directory = settings.keys_directory();
    let rotation = rotation(settings);
    // Only the default directory is filled by itself: an empty one that was configured is more likely a mount that failed.
    if settings.keys.directory.is_none() {
        keys::generate_missing(&directory, rotation.algorithm, clock.now(), random)?;
    }
    let delay = rotation.activation_delay;
    Keys::load(&directory, delay, clock.clone(), random.clone())
        .with_context(|| format!("cannot use the keys in {}", directory.display()))
}

fn hashing(settings: &Settings, keys: &Keys, random: &Random) -> anyhow::Result<HashPool> {
    let pepper = Pepper::new(keys.clone(), settings.passwords.pepper);
    HashPool::start(hash_options(&settings.passwords), random.clone(), pepper)
        .map_err(|error| anyhow::anyhow!("{error}"))
}

/// What hashing may cost, for its pool.
pub fn hash_options(passwords: &config::Passwords) -> HashOptions {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    HashOptions {
        threads: match passwords.threads {
            0 => cores,
            threads => threads,
        },
        queue: passwords.queue,
        memory_kib: passwords.memory_kib,
        passes: passwords.passes,
        lanes: passwords.lanes,
        max_memory_kib: passwords.max_memory_kib,
        max_passes: passwords.max_passes,
        max_bcrypt_cost: passwords.max_bcrypt_cost,
        max_pbkdf2_iterations: passwords.max_pbkdf2_iterations,
        allow_weak: false,
    }
}

/// Which way letters take, for the mailer.
pub fn mail_options(settings: &Settings) -> mail::Options {
    let mail = &settings.mail;
    match mail.kind {
        MailKind::File => mail::Options::File {
            directory: settings.data_directory.join("mail"),
        },
        MailKind::Memory => mail::Options::Memory,
        MailKind::Smtp => mail::Options::Smtp(mail::SmtpOptions {
            host: mail.smtp_host.clone().unwrap_or_default(),
            port: mail.smtp_port,
            security: match mail.smtp_security {
                SmtpSecurity::Starttls => mail::Security::StartTls,
                SmtpSecurity::Tls => mail::Security::Tls,
                SmtpSecurity::None => mail::Security::None,
            },
            username: mail.smtp_username.clone(),
            password: mail.smtp_password.clone(),
            ca_file: mail.smtp_ca_file.clone(),
            timeout: mail.smtp_timeout,
            pool_size: mail.smtp_pool,
            hello_name: mail.hello_name.clone(),
        }),
    }
}

/// Which key-value store is opened, and how it is reached.
pub fn kv_options(kv: &config::Kv) -> kv::Options {
    if kv.kind == KvKind::Memory {
        return kv::Options::Memory;
    }
    let urls = kv.urls.iter().map(|url| url.expose_secret().to_owned());
    kv::Options::Redis(kv::RedisOptions {
        urls: urls.collect(),
        mode: match kv.mode {
            KvMode::Single => kv::Mode::Single,
            KvMode::Sentinel => kv::Mode::Sentinel {
                master: kv.sentinel_master.clone().unwrap_or_default(),
                password: kv.sentinel_password.clone(),
            },
            KvMode::Cluster => kv::Mode::Cluster,
        },
        prefix: kv.prefix.clone(),
        timeout: kv.timeout,
        connect_timeout: kv.connect_timeout,
        ca_file: kv.ca_file.clone(),
        allow_eviction: kv.allow_eviction,
    })
}
