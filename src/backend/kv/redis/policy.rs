//! Whether Redis keeps what it is given.

use redis::{Value, aio::ConnectionLike, cmd};

use super::dial::Failure;
use crate::backend::kv::OpenError;

/// Refuses a Redis that may evict live keys, on any master: a dropped mark would let a revoked token in.
///
/// It asks INFO, which managed services permit where they forbid CONFIG.
pub(super) async fn check(connection: &mut impl ConnectionLike) -> Result<(), Failure> {
    let mut info = cmd("INFO");
    info.arg("memory");
    let answer: Value = match info.query_async(connection).await {
        Err(error) if error.code() == Some("NOPERM") => {
            return Err(OpenError::EvictionUnknown.into());
        }
        answer => answer?,
    };
    let masters = match answer {
        Value::Map(masters) => masters.into_iter().map(|(_, info)| info).collect(),
        alone => vec![alone],
    };
    for info in masters {
        let info: String = redis::from_redis_value(info).map_err(redis::RedisError::from)?;
        match policy(&info) {
            Some("noeviction") => {}
            Some(other) => return Err(OpenError::EvictionPolicy(other.to_owned()).into()),
            None => return Err(OpenError::EvictionUnknown.into()),
        }
    }
    Ok(())
}

fn policy(info: &str) -> Option<&str> {
    info.lines()
        .find_map(|line| line.strip_prefix("maxmemory_policy:"))
        .map(str::trim)
}
