//! Key-value stores that lose what they knew, or go away.

use std::time::Duration;

use accountd::{
    accounts::Hearing,
    backend::{Kv, kv},
};

use super::{
    redis::{Server, free_port},
    service::Ground,
};

impl Ground {
    /// The same truth, with a Redis that the test may flush or stop.
    pub async fn on_redis(mut self, server: &Server) -> Self {
        let mut options = kv::RedisOptions::new(vec![server.url()]);
        // Patient, since a busy machine must not look like a failing Redis.
        options.timeout = Duration::from_secs(5);
        let options = kv::Options::Redis(options);
        self.kv = Kv::open(options, self.clock.clone()).await.unwrap();
        self
    }

    /// The same truth, with a Redis that is not there.
    pub async fn on_no_redis(mut self) -> Self {
        let nobody = format!("redis://127.0.0.1:{}", free_port());
        let options = kv::Options::Redis(kv::RedisOptions::new(vec![nobody]));
        self.kv = Kv::open(options, self.clock.clone()).await.unwrap();
        self
    }

    /// The same truth, with a key-value store that has forgotten everything.
    pub async fn on_empty_memory(mut self) -> Self {
        let kv = Kv::open(kv::Options::Memory, self.clock.clone()).await;
        self.kv = kv.unwrap();
        // Nodes on other memory hear nothing of this one, nor this one of them.
        self.hearing = Hearing::Elsewhere;
        self
    }
}
