//! A store to try a behaviour on, and the passing of time there.

use std::time::Duration;

use accountd::backend::{
    Clock, Kv, Timestamp,
    kv::{MAX_TTL, Mark, Options, RedisOptions, Unavailable},
};
use redis::{Client, aio::MultiplexedConnection, cmd};
use uuid::Uuid;

use crate::support::redis::Server;

/// The mark of a session, as a call sees it.
pub async fn mark_of(kv: &Kv, session: Uuid) -> Result<Option<Mark>, Unavailable> {
    kv.look(session, session).await.map(|look| look.mark)
}

/// A store and its surroundings.
pub struct Bench {
    pub kv: Kv,
    clock: Clock,
    pub server: Option<Server>,
    urls: Vec<String>,
}

impl Bench {
    /// In memory, with a clock that stands still.
    pub async fn memory() -> Self {
        let clock = Clock::fixed(Timestamp::from_millis(1_790_000_000_000));
        let kv = Kv::open(Options::Memory, clock.clone()).await.unwrap();
        Self {
            kv,
            clock,
            server: None,
            urls: Vec::new(),
        }
    }

    /// On a Redis of its own.
    pub async fn redis() -> Self {
        let server = Server::start().await;
        let mut bench = Self::on(patient(vec![server.url()])).await;
        bench.server = Some(server);
        bench
    }

    /// On the Redis of `options`.
    pub async fn on(options: RedisOptions) -> Self {
        let urls = options.urls.clone();
        let options = Options::Redis(options);
        Self {
            kv: Kv::open(options, Clock::System).await.unwrap(),
            clock: Clock::System,
            server: None,
            urls,
        }
    }

    /// Lets `time` pass: at once where the clock can be moved.
    pub async fn pass(&self, time: Duration) {
        match self.clock {
            Clock::Fixed(_) => self.clock.advance(time),
            // Redis looks at the clock once per turn of its loop, so that a key may outlive its time by a turn.
            _ => tokio::time::sleep(time + Duration::from_millis(100)).await,
        }
    }

    /// Every key on every server, in order.
    pub async fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for url in &self.urls {
            let all: Vec<String> = cmd("KEYS")
                .arg("*")
                .query_async(&mut connect(url).await)
                .await
                .unwrap();
            keys.extend(all);
        }
        keys.sort();
        keys
    }

    /// The rule RD-10, on every server.
    pub async fn every_key_has_a_ttl(&self) {
        for url in &self.urls {
            let mut connection = connect(url).await;
            let keys: Vec<String> = cmd("KEYS")
                .arg("*")
                .query_async(&mut connection)
                .await
                .unwrap();
            for key in keys {
                let ttl: i64 = cmd("PTTL")
                    .arg(&key)
                    .query_async(&mut connection)
                    .await
                    .unwrap();
                // -2 tells that it has just ended.
                let longest = i64::try_from(MAX_TTL.as_millis()).unwrap();
                assert!(ttl == -2 || (0..=longest).contains(&ttl), "{key}: {ttl}");
            }
        }
    }
}

/// Options under which a busy machine is not taken for a dead server.
pub fn patient(urls: Vec<String>) -> RedisOptions {
    RedisOptions {
        timeout: Duration::from_secs(5),
        connect_timeout: Duration::from_secs(5),
        ..RedisOptions::new(urls)
    }
}

async fn connect(url: &str) -> MultiplexedConnection {
    let client = Client::open(url).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}
