//! The gateway's listeners, as the configuration has them.

use std::{sync::LazyLock, time::Duration};

use anyhow::Context as _;
use axum::middleware::from_fn;
use http::HeaderValue;
use time::OffsetDateTime;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::transport::{ClientTlsConfig, Endpoint};

use crate::{
    backend::Clock,
    config::{self, Settings},
    gateway::{self, Api, Dialect, Mount, Now, Options, serve::Listener},
    grpc::Edge,
    traces::{self, Outgoing},
};

/// How often a silent connection to another accountd is asked whether it lives.
const PING: Duration = Duration::from_secs(20);

/// Binds the listeners of the dialects that are served, over the services of this process or over another accountd.
pub async fn bind(
    settings: &Settings,
    clock: &Clock,
    edge: &Edge,
) -> anyhow::Result<Vec<Listener>> {
    let timeout = settings.gateway.timeout;
    let remote = match &settings.gateway.address {
        Some(address) => Some(remote(address)?),
        None => None,
    };
    let is_traced = traces::is_on();
    let mut mounts = Vec::new();
    for (name, dialect) in settings.served_dialects() {
        let api = match &remote {
            Some(endpoint) => {
                let channel = Outgoing::new(endpoint.connect_lazy(), endpoint.uri());
                Api::remote(channel, &dialect.realm, timeout)
            }
            None => Api::in_process(edge.clone(), &dialect.realm, timeout),
        };
        let options = options(settings, dialect, clock)?;
        let spoken = Dialect::named(name).with_context(|| format!("no dialect {name}"))?;
        mounts.push(Mount {
            name,
            listen: dialect.listen,
            host: dialect.host.clone(),
            prefix: dialect.prefix.clone(),
            endpoints: LazyLock::new(Box::new(move || {
                let router = spoken.router(api, &options);
                if !is_traced {
                    return router;
                }
                router.layer(from_fn(move |request, next| {
                    traces::request(name, request, next)
                }))
            })),
        });
    }
    Listener::bind(mounts)
        .await
        .map_err(|(address, error)| anyhow::anyhow!("cannot listen on {address}: {error}"))
}

/// Serves all listeners until `closing`.
pub(super) fn serve(
    listeners: Vec<Listener>,
    settings: &Settings,
    closing: &CancellationToken,
) -> JoinSet<()> {
    let mut servers = JoinSet::new();
    for listener in listeners {
        servers.spawn(gateway::serve(
            listener,
            settings.gateway.max_connections,
            closing.clone(),
            settings.grpc.drain,
        ));
    }
    servers
}

fn options(
    settings: &Settings,
    dialect: &config::Dialect,
    clock: &Clock,
) -> anyhow::Result<Options> {
    let gateway = &settings.gateway;
    let origins = gateway.cors_origins.iter().map(HeaderValue::try_from);
    // Another accountd may have a realm that is not known here; it has the last word on pictures anyway.
    let picture = match settings.realms.get(&dialect.realm) {
        Some(realm) => realm.picture_max_bytes,
        None => config::Realm::default().picture_max_bytes,
    };
    let picture = usize::try_from(picture)?;
    Ok(Options {
        cors_origins: origins.collect::<Result<_, _>>()?,
        body_bytes: gateway.body_bytes,
        file_bytes: picture.saturating_add(gateway.body_bytes),
        timeout: gateway.timeout,
        secure_cookies: gateway.secure_cookies,
        docs: gateway.docs,
        prefix: dialect.prefix.clone(),
        now: now(clock.clone()),
    })
}

/// The clock of the service, as the gateway reads it.
fn now(clock: Clock) -> Now {
    Now::new(move || {
        // Only an instant beyond the year 9999 has no date.
        OffsetDateTime::from_unix_timestamp(clock.now().seconds())
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    })
}

fn remote(address: &str) -> anyhow::Result<Endpoint> {
    let endpoint = Endpoint::from_shared(address.to_owned())?
        .http2_keep_alive_interval(PING)
        .keep_alive_while_idle(true)
        .connect_timeout(Duration::from_secs(5));
    if address.starts_with("https:") {
        return Ok(endpoint.tls_config(ClientTlsConfig::new().with_native_roots())?);
    }
    Ok(endpoint)
}
