//! Making a connection that may be used: reached, logged in, and to a Redis that keeps what it is given.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::future::{FutureExt as _, select_ok};
use redis::{
    AsyncConnectionConfig, Client, ErrorKind, RedisError,
    aio::{ConnectionLike, MultiplexedConnection},
    cmd,
};
use tokio::time::timeout;
use tracing::{error, info, warn};

use super::{
    connection::Connection,
    policy,
    route::{Route, Watch},
};
use crate::backend::kv::{OpenError, RedisOptions, Unavailable};

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It may come up by itself.
    #[error(transparent)]
    Unreachable(#[from] Unavailable),
    /// Somebody must change something.
    #[error(transparent)]
    Refused(#[from] OpenError),
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        let stranger = error.code() == Some("NOAUTH");
        if stranger || error.kind() == ErrorKind::AuthenticationFailed {
            let reason = error.code().unwrap_or_else(|| error.category());
            return OpenError::Credentials(reason.to_owned()).into();
        }
        Unavailable::from(error).into()
    }
}

impl From<Failure> for Unavailable {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unreachable(unavailable) => unavailable,
            // The advice is in the log; a caller of the service can do nothing about it.
            Failure::Refused(_) => Self::because("it is refused for its configuration"),
        }
    }
}

/// How to make a connection, and what was last heard of it.
pub(super) struct Dial {
    route: Route,
    limit: Duration,
    allow_eviction: bool,
    reported: Mutex<Option<Failure>>,
    made: AtomicU64,
}

impl Dial {
    pub(super) fn new(options: &RedisOptions) -> Result<Self, OpenError> {
        Ok(Self {
            route: Route::parse(options)?,
            limit: options.connect_timeout,
            allow_eviction: options.allow_eviction,
            reported: Mutex::new(None),
            made: AtomicU64::new(0),
        })
    }

    /// A new connection. The log tells each change of fortune once, not each attempt.
    pub(super) async fn connect(&self) -> Result<Connection, Failure> {
        let attempt = timeout(self.limit, self.reach()).await;
        let outcome = attempt.unwrap_or_else(|_| {
            Err(Unavailable::because("it could not be reached in time").into())
        });
        self.report(outcome.as_ref().err());
        outcome
    }

    async fn reach(&self) -> Result<Connection, Failure> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let mut connection = match &self.route {
            Route::Single(client) => Connection::Node(self.join(client).await?, number),
            Route::Sentinel(watch) => {
                let asked = watch.sentinels.iter();
                let asked = asked.map(|one| self.follow(one, watch).boxed());
                Connection::Node(select_ok(asked).await?.0, number)
            }
            Route::Cluster(client) => Connection::Cluster(client.get_async_connection().await?),
        };
        if !self.allow_eviction {
            policy::check(&mut connection).await?;
        }
        Ok(connection)
    }

    async fn join(&self, client: &Client) -> Result<MultiplexedConnection, RedisError> {
        // Each call has a limit of its own, which is not the connection's business.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.limit))
            .set_response_timeout(None);
        client
            .get_multiplexed_async_connection_with_config(&config)
            .await
    }

    /// The master that one sentinel names, if the named one agrees: a sentinel may be behind the times.
    async fn follow(
        &self,
        sentinel: &Client,
        watch: &Watch,
    ) -> Result<MultiplexedConnection, Failure> {
        let mut ask = cmd("SENTINEL");
        ask.arg("get-master-addr-by-name").arg(&watch.master);
        let mut sentinel = self.join(sentinel).await?;
        let address: Option<(String, u16)> = ask.query_async(&mut sentinel).await?;
        let Some((host, port)) = address else {
            return Err(Unavailable::because("the sentinel watches no master of that name").into());
        };
        let mut node = self.join(&watch.node(host, port)?).await?;
        if is_master(&mut node).await? {
            Ok(node)
        } else {
            Err(Unavailable::because("the sentinel named a replica").into())
        }
    }

    fn report(&self, failure: Option<&Failure>) {
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        if reported.as_ref() == failure {
            return;
        }
        match failure {
            Some(refused @ Failure::Refused(_)) => error!(reason = %refused, "Redis is refused"),
            Some(unreachable) => warn!(reason = %unreachable, "Redis is not reachable"),
            None => info!("Redis is reachable again"),
        }
        *reported = failure.cloned();
    }
}

async fn is_master(node: &mut impl ConnectionLike) -> Result<bool, RedisError> {
    let mut info = cmd("INFO");
    info.arg("replication");
    let info: String = info.query_async(node).await?;
    Ok(info.lines().any(|line| line.trim_end() == "role:master"))
}
