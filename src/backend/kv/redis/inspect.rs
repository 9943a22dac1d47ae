//! Asking each master what it is and how it is set up, without touching a key.

use std::collections::BTreeMap;

use redis::{
    Cmd, FromRedisValue, RedisError, RedisResult, Value,
    aio::ConnectionLike as _,
    cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo},
    cmd,
};

use super::{
    connection::Connection,
    dial::{Dial, Failure},
    key::Prefix,
};
use crate::backend::{
    Clock,
    kv::{RedisOptions, Server},
};

/// Each master that the options lead to, as it describes itself; what it forbids to ask is left out.
///
/// Fails where no connection could be made, or it broke, and on options that [`super::Redis::open`] refuses. A Redis that may evict keys is no failure here.
pub(in crate::backend::kv) async fn inspect(
    options: &RedisOptions,
    clock: &Clock,
) -> Result<Vec<Server>, Failure> {
    Prefix::parse(&options.prefix)?;
    let open = RedisOptions {
        allow_eviction: true,
        ..options.clone()
    };
    let mut connection = Dial::new(&open)?.connect().await?;
    let mut servers = Servers::new();
    let info: BTreeMap<_, String> = ask(&mut connection, cmd("INFO")).await?;
    for (address, info) in info {
        server(&mut servers, address).read_info(&info);
    }
    for (name, place) in [
        ("save", (|one| &mut one.snapshots) as Place),
        ("appendfsync", |one| &mut one.fsync),
    ] {
        let mut get = cmd("CONFIG");
        get.arg("GET").arg(name);
        let told: BTreeMap<_, BTreeMap<String, String>> = ask(&mut connection, get).await?;
        for (address, mut told) in told {
            *place(server(&mut servers, address)) = told.remove(name);
        }
    }
    let before = clock.now().millis();
    let times: BTreeMap<_, (i64, i64)> = ask(&mut connection, cmd("TIME")).await?;
    let between = i64::midpoint(before, clock.now().millis());
    for (address, (seconds, micros)) in times {
        server(&mut servers, address).ahead = Some(seconds * 1000 + micros / 1000 - between);
    }
    Ok(servers.into_values().collect())
}

/// The masters by their addresses; the only one has none.
type Servers = BTreeMap<Option<String>, Server>;

/// Where an answer belongs.
type Place = fn(&mut Server) -> &mut Option<String>;

fn server(servers: &mut Servers, address: Option<String>) -> &mut Server {
    servers.entry(address.clone()).or_insert_with(|| Server {
        address,
        ..Server::default()
    })
}

/// What each master answers; nothing where the command is forbidden or unknown.
async fn ask<T: FromRedisValue>(
    connection: &mut Connection,
    command: Cmd,
) -> Result<BTreeMap<Option<String>, T>, RedisError> {
    let answers = match send(connection, command).await {
        Err(error) if error.is_io_error() || error.is_unrecoverable_error() => return Err(error),
        Err(_) => return Ok(BTreeMap::new()),
        Ok(answers) => answers,
    };
    // What cannot be read was not told.
    let read = answers.into_iter();
    Ok(read
        .filter_map(|(address, answer)| Some((address, redis::from_redis_value(answer).ok()?)))
        .collect())
}

async fn send(
    connection: &mut Connection,
    command: Cmd,
) -> RedisResult<Vec<(Option<String>, Value)>> {
    match connection {
        Connection::Node(node, _) => Ok(vec![(None, node.req_packed_command(&command).await?)]),
        Connection::Cluster(cluster) => {
            let masters = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
            let answer = cluster.route_command(command, masters).await?;
            let Value::Map(answers) = answer else {
                return Ok(vec![(None, answer)]);
            };
            let named = answers.into_iter().map(|(address, answer)| {
                let address = redis::from_redis_value(address).map_err(RedisError::from)?;
                Ok((Some(address), answer))
            });
            named.collect()
        }
    }
}
