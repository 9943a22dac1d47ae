//! accountd itself, in this process, on real sockets: one node or several on the same engines.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use accountd::{
    accounts::{
        Hearing, Held,
        password::{HashOptions, HashPool, Pepper},
        picture::Cache,
        revocation::Alarm,
    },
    app::App,
    backend::{Clock, Kv, Mailer, Objects, Random, Timestamp, kv, mail},
    codes,
    command::serve::{open, rest},
    config::{self, Settings},
    faults::Faults,
    gateway, grpc,
    keys::{self, Keys},
    mails::deliver::{self, Delivery},
    proto::account_service_client::AccountServiceClient,
    sessions::token::Verified,
    store,
};
use accountd_migrations::{Migrator, MigratorTrait as _};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::Notify};
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};

use super::{client::Client, postgres, redis, rest::Rest};

/// The engines that everything runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engines {
    /// SQLite in a file, the key-value store in memory.
    Embedded,
    /// PostgreSQL and Redis.
    Production,
}

/// What several nodes share.
#[derive(Clone)]
pub struct Ground {
    pub engines: Engines,
    pub clock: Clock,
    pub settings: Settings,
    pub keys: Keys,
    pub mailer: Mailer,
    pub store: store::Options,
    /// What the keys in Redis begin with; none in memory.
    pub prefix: Option<String>,
    /// Memory of one password hash; a test that measures time wants more than the usual crumb.
    pub hash_memory_kib: u32,
    /// Passwords that may wait to be hashed.
    pub hash_queue: usize,
    /// Whether passwords are peppered.
    pub has_pepper: bool,
    pub kv: Kv,
    /// How the nodes hear of each other's changes.
    pub hearing: Hearing,
    /// What is broken on purpose in the delivery of mails; what a node has is for calls.
    pub delivery_faults: Faults,
    /// How long calls outside are waited for, where it is not as usual.
    pub patience: Option<Duration>,
    directory: Arc<TempDir>,
}

/// A running node.
pub struct Node {
    pub app: Arc<App>,
    pub address: SocketAddr,
    pub ground: Ground,
    channel: Channel,
    rest: BTreeMap<&'static str, SocketAddr>,
    stop: CancellationToken,
}

/// 2026-01-31T12:00:00Z: when tests begin.
pub const START: Timestamp = Timestamp::from_millis(1_769_860_800_000);

impl Ground {
    /// Empty engines, a clock that stands still, no limits on how often something may be tried.
    pub async fn new(engines: Engines) -> Self {
        Self::with(engines, |_| {}).await
    }

    /// The same with other settings.
    pub async fn with(engines: Engines, change: impl FnOnce(&mut Settings)) -> Self {
        Self::at(engines, START, change).await
    }

    /// The same, beginning at another instant.
    pub async fn at(
        engines: Engines,
        start: Timestamp,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        accountd::install_crypto();
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(start);
        let mut settings = Settings::embedded();
        settings.data_directory = directory.path().to_owned();
        settings.limits.address_burst = 0;
        settings.limits.login_burst = 0;
        settings.limits.account_burst = 0;
        settings.limits.picture_burst = 0;
        for dialect in settings.dialects.all_mut() {
            dialect.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        }
        settings.limits.realm_burst = 0;
        // It is measured by the clock, and a busy machine stops for longer than any picture takes.
        settings.pictures.decode_time = Duration::from_mins(1);
        change(&mut settings);
        let (url, kv, prefix) = match engines {
            Engines::Embedded => {
                let file = directory.path().join("accountd.db");
                let kv = Kv::open(kv::Options::Memory, clock.clone()).await.unwrap();
                (format!("sqlite://{}", file.display()), kv, None)
            }
            Engines::Production => {
                static NUMBER: AtomicU32 = AtomicU32::new(0);
                let mut options = kv::RedisOptions::new(vec![redis::shared_url().await]);
                let prefix = format!("t{}", NUMBER.fetch_add(1, Ordering::Relaxed));
                options.prefix.clone_from(&prefix);
                options.timeout = Duration::from_secs(5);
                let options = kv::Options::Redis(options);
                let kv = Kv::open(options, clock.clone()).await.unwrap();
                (postgres::database().await, kv, Some(prefix))
            }
        };
        let store = store::Options {
            url,
            max_connections: 8,
            acquire_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(10),
            faults: Faults::default(),
        };
        let db = store::connect(&store).await.unwrap();
        Migrator::up(db.pool(), None).await.unwrap();
        db.pool().clone().close().await.unwrap();
        let path = directory.path().join("keys");
        let random = Random::System;
        keys::generate_missing(&path, keys::Algorithm::EdDsa, clock.now(), &random).unwrap();
        let delay = settings.keys.activation_delay;
        let keys = Keys::load(&path, delay, clock.clone(), random).unwrap();
        let mailer = Mailer::open(mail::Options::Memory, clock.clone()).unwrap();
        Self {
            engines,
            clock,
            settings,
            keys,
            mailer,
            store,
            prefix,
            hash_memory_kib: 8,
            hash_queue: 1024,
            has_pepper: false,
            kv,
            hearing: Hearing::Stamps,
            delivery_faults: Faults::default(),
            patience: None,
            directory: Arc::new(directory),
        }
    }

    /// Starts a node on these engines.
    pub async fn node(&self) -> Node {
        let app = Arc::new(self.app().await);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let (reporter, health) = tonic_health::server::health_reporter();
        drop(reporter);
        let edge = grpc::routes(&app, &self.settings.grpc, health);
        let listeners = rest::bind(&self.settings, &self.clock, &edge)
            .await
            .unwrap();
        let mut rest = BTreeMap::new();
        for listener in listeners {
            let address = listener.address().unwrap();
            rest.extend(listener.dialects().map(|(name, _)| (name, address)));
            let (until, drain) = (stop.clone(), self.settings.grpc.drain);
            tokio::spawn(gateway::serve(listener, 100, until, drain));
        }
        let grpc_settings = self.settings.grpc.clone();
        let until = stop.clone().cancelled_owned();
        tokio::spawn(async move {
            grpc::serve(
                listener,
                edge,
                &grpc_settings,
                (&grpc_settings).into(),
                Duration::from_mins(1),
                &Random::System,
                until,
            )
            .await
            .unwrap();
        });
        tokio::spawn(deliver::run(self.delivery(&app), stop.clone()));
        let channel = Endpoint::from_shared(format!("http://{address}"))
            .unwrap()
            .connect()
            .await
            .unwrap();
        Node {
            app,
            address,
            ground: self.clone(),
            channel,
            rest,
            stop,
        }
    }

    async fn app(&self) -> App {
        let options = HashOptions {
            threads: 2,
            queue: self.hash_queue,
            memory_kib: self.hash_memory_kib,
            passes: 1,
            lanes: 1,
            max_memory_kib: 262_144,
            max_passes: 16,
            max_bcrypt_cost: 14,
            max_pbkdf2_iterations: 2_000_000,
            allow_weak: true,
        };
        let pepper = Pepper::new(self.keys.clone(), self.has_pepper);
        // Of this node alone.
        let faults = Faults::default();
        let store = store::Options {
            faults: faults.clone(),
            ..self.store.clone()
        };
        let objects = Objects::open(open::picture_options(&self.settings)).unwrap();
        let (mut db, mut kv, mut objects) = (
            store::connect(&store).await.unwrap(),
            self.kv.with_faults(faults.clone()),
            objects.with_faults(faults.clone()),
        );
        if let Some(patience) = self.patience {
            db = db.with_patience(patience);
            kv = kv.with_patience(patience);
            objects = objects.with_patience(patience);
        }
        App {
            policy: Arc::new(open::policy(&self.settings).unwrap()).into(),
            lists: db.clone(),
            db,
            kv,
            local: Kv::open(kv::Options::Memory, self.clock.clone())
                .await
                .unwrap(),
            marks_restored: Alarm::default(),
            verified: Verified::default(),
            held: Held::new(self.hearing, None),
            objects,
            cache: Cache::new(self.settings.pictures.cache),
            studio: open::studio(&self.settings.pictures).unwrap(),
            pictures: self.settings.pictures.clone(),
            spool: open::spool_directory(&self.settings).unwrap(),
            hashing: HashPool::start(options, Random::System, pepper).unwrap(),
            keys: self.keys.clone(),
            clock: self.clock.clone(),
            random: Random::System,
            faults,
            mail: Arc::new(Notify::new()),
        }
    }

    fn delivery(
        &self,
        app: &Arc<App>,
    ) -> Delivery<
        impl Fn(&accountd::mails::Mail) -> Option<String> + Send + Sync + Clone + 'static,
        impl Fn(&str) -> String + Send + Sync + Clone + 'static,
    > {
        let keys = self.keys.clone();
        Delivery {
            db: app.db.with_faults(self.delivery_faults.clone()),
            mailer: self.mailer.clone(),
            clock: self.clock.clone(),
            random: Random::System,
            from: String::from("accountd <no-reply@localhost>"),
            wake: Arc::clone(&app.mail),
            code_of: move |mail: &accountd::mails::Mail| codes::code_of(&keys, mail),
            title_of: |realm: &str| realm.to_owned(),
        }
    }

    /// The same engines for a node that reads the keys for itself, and uses a new one at once.
    pub fn with_own_keys(&self) -> Self {
        let delay = Duration::ZERO;
        let keys = Keys::load(
            &self.path().join("keys"),
            delay,
            self.clock.clone(),
            Random::System,
        );
        Self {
            keys: keys.unwrap(),
            ..self.clone()
        }
    }

    /// Where the node keeps its files.
    pub fn path(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// Changes one realm's rules in settings that are still being made.
    pub fn realm<'a>(settings: &'a mut Settings, name: &str) -> &'a mut config::Realm {
        settings.realms.get_mut(name).unwrap()
    }
}

impl Node {
    /// A client without a token, in the realm `default`.
    pub fn client(&self) -> Client {
        self.client_of("default")
    }

    /// A client without a token, in `realm`.
    pub fn client_of(&self, realm: &str) -> Client {
        let rpc = AccountServiceClient::new(self.channel());
        Client::new(rpc, realm, self.ground.mailer.clone())
    }

    /// A front end that speaks a dialect, with a cookie jar of its own.
    pub fn rest(&self, dialect: &str) -> Rest {
        Rest::new(self.rest[dialect])
    }

    /// The same, from another address of this machine.
    pub fn rest_from(&self, source: IpAddr, dialect: &str) -> Rest {
        Rest::from(Some(source), self.rest[dialect])
    }

    /// Where a dialect is served.
    pub fn address_of(&self, dialect: &str) -> SocketAddr {
        self.rest[dialect]
    }

    /// The socket's channel, for other services.
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// Moves the shared clock.
    pub fn advance(&self, by: Duration) {
        self.ground.clock.advance(by);
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// One node on empty engines.
pub async fn start(engines: Engines) -> Node {
    Ground::new(engines).await.node().await
}

/// Makes two tests of one: on SQLite with memory, and on PostgreSQL with Redis.
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($engines:ident) $body:block)+) => {
        $($(#[$meta])* mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "each test takes what it needs")]
            use super::*;

            async fn run($engines: $crate::support::service::Engines) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite_and_memory() {
                run($crate::support::service::Engines::Embedded).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres_and_redis() {
                run($crate::support::service::Engines::Production).await;
            }
        })+
    };
}
pub(crate) use on_both_engines;
