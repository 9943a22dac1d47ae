//! Where to find Redis: the options, read once.

use std::path::Path;

use redis::{
    Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _, RedisConnectionInfo,
    RedisError, TlsCertificates,
    cluster::{ClusterClient, ClusterClientBuilder},
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::backend::kv::{Mode, OpenError, RedisOptions};

/// Tries after the first, when a cluster moves a slot or loses a node: more would outlast the call's own limit.
const RETRIES: u32 = 3;
/// The shortest and the longest pause before another try, in milliseconds.
const RETRY_WAITS: (u64, u64) = (20, 200);

/// Where to find Redis.
pub(super) enum Route {
    Single(Client),
    Sentinel(Watch),
    Cluster(ClusterClient),
}

/// The sentinels, and how to talk to the master that they name.
pub(super) struct Watch {
    pub(super) sentinels: Vec<Client>,
    pub(super) master: String,
    /// Everything about the master but its address.
    pattern: ConnectionInfo,
}

impl Watch {
    /// The node at `host` and `port`.
    pub(super) fn node(&self, host: String, port: u16) -> Result<Client, RedisError> {
        let addr = match self.pattern.addr().clone() {
            ConnectionAddr::TcpTls {
                insecure,
                tls_params,
                ..
            } => ConnectionAddr::TcpTls {
                host,
                port,
                insecure,
                tls_params,
            },
            _ => ConnectionAddr::Tcp(host, port),
        };
        Client::open(self.pattern.clone().set_addr(addr))
    }
}

impl Route {
    pub(super) fn parse(options: &RedisOptions) -> Result<Self, OpenError> {
        let authorities = match &options.ca_file {
            Some(path) => Some(Authorities::read(path)?),
            None => None,
        };
        let servers = (1..)
            .zip(&options.urls)
            .map(|(place, url)| server(place, url, authorities.as_ref()))
            .collect::<Result<Vec<_>, _>>()?;
        let Some(first) = servers.first() else {
            return Err(OpenError::NoUrl);
        };
        let misfit = |error: RedisError| OpenError::Urls(error.to_string());
        match &options.mode {
            Mode::Single if servers.len() > 1 => Err(OpenError::OneUrl),
            Mode::Single => Ok(Self::Single(first.clone())),
            Mode::Sentinel { master, password } => Ok(Self::Sentinel(Watch {
                sentinels: servers
                    .iter()
                    .map(|server| sentinel(server, password.as_ref()))
                    .collect::<Result<_, _>>()
                    .map_err(misfit)?,
                master: master.clone(),
                pattern: first.get_connection_info().clone(),
            })),
            Mode::Cluster => cluster(&servers, authorities, options)
                .map(Self::Cluster)
                .map_err(misfit),
        }
    }
}

/// The authorities to trust in place of the system's.
struct Authorities<'a> {
    file: &'a Path,
    certificates: TlsCertificates,
}

impl<'a> Authorities<'a> {
    fn read(file: &'a Path) -> Result<Self, OpenError> {
        let pem = std::fs::read(file).map_err(|error| OpenError::CaFile {
            path: file.to_owned(),
            reason: error.to_string(),
        })?;
        let authorities = Self {
            file,
            certificates: TlsCertificates {
                client_tls: None,
                root_cert: Some(pem.clone()),
            },
        };
        // A file without any certificate would be read as "trust nobody" and fail much later.
        if String::from_utf8_lossy(&pem).contains("BEGIN CERTIFICATE") {
            Ok(authorities)
        } else {
            Err(authorities.refuse("it holds no PEM certificate"))
        }
    }

    fn refuse(&self, reason: impl Into<String>) -> OpenError {
        OpenError::CaFile {
            path: self.file.to_owned(),
            reason: reason.into(),
        }
    }
}

fn server(
    place: usize,
    url: &str,
    authorities: Option<&Authorities<'_>>,
) -> Result<Client, OpenError> {
    let known = ["redis://", "rediss://"]
        .iter()
        .any(|scheme| url.starts_with(scheme));
    // A fragment is how the client library is told to skip the verification of certificates.
    if !known || url.contains('#') {
        return Err(OpenError::Url(place));
    }
    let info = url
        .into_connection_info()
        .map_err(|_| OpenError::Url(place))?;
    match (authorities, info.addr()) {
        (None, _) => Client::open(info).map_err(|_| OpenError::Url(place)),
        (Some(authorities), ConnectionAddr::TcpTls { .. }) => {
            Client::build_with_tls(info, authorities.certificates.clone())
                .map_err(|error| authorities.refuse(error.to_string()))
        }
        (Some(authorities), _) => Err(authorities.refuse("it is of use with rediss:// URLs only")),
    }
}

/// The sentinel at the address of `server`: user, password and database there are those of the data nodes.
fn sentinel(server: &Client, password: Option<&SecretString>) -> Result<Client, RedisError> {
    let mut login = RedisConnectionInfo::default();
    if let Some(password) = password {
        login = login.set_password(password.expose_secret());
    }
    Client::open(
        server
            .get_connection_info()
            .clone()
            .set_redis_settings(login),
    )
}

fn cluster(
    servers: &[Client],
    authorities: Option<Authorities<'_>>,
    options: &RedisOptions,
) -> Result<ClusterClient, RedisError> {
    let nodes = servers
        .iter()
        .map(|server| server.get_connection_info().clone());
    let (shortest, longest) = RETRY_WAITS;
    let mut builder = ClusterClientBuilder::new(nodes)
        .retries(RETRIES)
        .min_retry_wait(shortest)
        .max_retry_wait(longest)
        .connection_timeout(options.connect_timeout)
        .response_timeout(options.timeout);
    if let Some(authorities) = authorities {
        builder = builder.certs(authorities.certificates);
    }
    builder.build()
}
