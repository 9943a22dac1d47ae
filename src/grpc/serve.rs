//! The services behind the policy, and the socket that they answer on.

use std::{future::Future, io, path::Path, sync::Arc, time::Duration};

use tokio::net::TcpListener;
use tonic::{
    service::Routes,
    transport::{Certificate, Identity, Server, ServerTlsConfig},
};
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_reflection::server::Builder;

use super::{
    Policy,
    account_service::Accounts,
    admin_service::Admins,
    connections::{Patience, accept},
    policy::Rules,
    reflection::reflection,
};
use crate::{
    app::App,
    backend::Random,
    config,
    operators::Operators,
    proto::{
        account_service_server::{self, AccountServiceServer},
        admin_service_server::{self, AdminServiceServer},
    },
};

/// A service that is ready to be served, on the socket and in process alike.
pub type Edge = Policy<Routes>;

/// Why the gRPC face cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A TLS file.
    #[error("{path}: {error}")]
    File {
        /// The file's name.
        path: String,
        /// What is wrong with it.
        error: io::Error,
    },
    /// The transport.
    #[error("transport: {0}")]
    Transport(#[from] tonic::transport::Error),
}

/// The services of the contract with health and, where it is on, reflection (v1 and v1alpha), behind the policy.
pub fn routes(app: &Arc<App>, settings: &config::Grpc, health: HealthServer<impl Health>) -> Edge {
    let accounts = AccountServiceServer::new(Accounts::new(Arc::clone(app)))
        .max_decoding_message_size(settings.max_message_bytes);
    let routes = Routes::new(accounts).add_service(health);
    let service = account_service_server::SERVICE_NAME;
    behind_policy(app, settings, service, routes, app.pictures.stream_deadline)
}

/// The service of operators, with the same beside it.
pub fn admin_routes(
    app: &Arc<App>,
    settings: &config::Grpc,
    operators: Operators,
    stream_deadline: Duration,
    health: HealthServer<impl Health>,
) -> Edge {
    let admins = Admins::new(Arc::clone(app), operators, stream_deadline);
    let admins =
        AdminServiceServer::new(admins).max_decoding_message_size(settings.max_message_bytes);
    let routes = Routes::new(admins).add_service(health);
    let service = admin_service_server::SERVICE_NAME;
    behind_policy(app, settings, service, routes, stream_deadline)
}

fn behind_policy(
    app: &Arc<App>,
    settings: &config::Grpc,
    service: &'static str,
    mut routes: Routes,
    stream_deadline: Duration,
) -> Edge {
    if settings.reflection {
        routes = routes
            .add_service(reflection(service, Builder::build_v1))
            .add_service(reflection(service, Builder::build_v1alpha));
    }
    let rules = Rules {
        deadline: settings.request_deadline,
        stream_deadline,
        trusted_proxies: settings.trusted_proxies.clone(),
    };
    Policy::new(routes.prepare(), Arc::clone(app), rules)
}

/// The files of TLS; without a certificate and its key, the listener speaks none.
#[derive(Clone, Copy, Debug)]
pub struct Tls<'a> {
    /// The certificate chain.
    pub certificate: Option<&'a Path>,
    /// Its private key.
    pub key: Option<&'a Path>,
    /// The authorities whose client certificates are demanded.
    pub client_ca: Option<&'a Path>,
}

impl<'a> From<&'a config::Grpc> for Tls<'a> {
    fn from(settings: &'a config::Grpc) -> Self {
        Self {
            certificate: settings.tls_certificate.as_deref(),
            key: settings.tls_key.as_deref(),
            client_ca: settings.client_ca.as_deref(),
        }
    }
}

impl<'a> From<&'a config::Admin> for Tls<'a> {
    fn from(settings: &'a config::Admin) -> Self {
        Self {
            certificate: settings.tls_certificate.as_deref(),
            key: settings.tls_key.as_deref(),
            client_ca: settings.client_ca.as_deref(),
        }
    }
}

/// Answers on `listener` until `shutdown`, then finishes what has begun. No call takes longer than `longest`.
pub async fn serve(
    listener: TcpListener,
    edge: Edge,
    settings: &config::Grpc,
    tls: Tls<'_>,
    longest: Duration,
    random: &Random,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let age = spread(settings.connection_age, random);
    let mut server = Server::builder()
        .max_concurrent_streams(settings.max_streams)
        .http2_max_header_list_size(settings.header_bytes)
        .http2_keepalive_interval(Some(settings.keepalive_interval))
        .http2_keepalive_timeout(Some(settings.keepalive_timeout))
        .http2_max_pending_accept_reset_streams(Some(20))
        .http2_max_local_error_reset_streams(Some(256))
        // With a grace, tonic would ask nobody to go, and cut calls at its end: the connections bound their lives themselves.
        .max_connection_age(age);
    if let Some(tls) = tls.read()? {
        server = server.tls_config(tls)?;
    }
    let patience = Patience {
        greeting: settings.keepalive_timeout,
        // One ping and its answer, and time for a slow network.
        silence: settings.keepalive_interval + settings.keepalive_timeout * 2,
        life: age + settings.connection_age_grace.max(longest),
    };
    let incoming = accept(listener, settings.max_connections, patience);
    Ok(server
        .serve_with_incoming_shutdown(edge, incoming, shutdown)
        .await?)
}

/// An age within a tenth of the configured one, so that the replicas of one rollout do not turn their clients away
/// together (gRFC A9).
fn spread(age: Duration, random: &Random) -> Duration {
    let [byte] = random.bytes::<1>();
    age * (921 + u32::from(byte) * 2 / 3) / 1000
}

impl Tls<'_> {
    fn read(self) -> Result<Option<ServerTlsConfig>, ServeError> {
        let (Some(certificate), Some(key)) = (self.certificate, self.key) else {
            return Ok(None);
        };
        let identity = Identity::from_pem(read(certificate)?, read(key)?);
        let mut tls = ServerTlsConfig::new()
            .identity(identity)
            // A client that never finishes its handshake must not keep a place.
            .timeout(Duration::from_secs(10));
        if let Some(authorities) = self.client_ca {
            tls = tls.client_ca_root(Certificate::from_pem(read(authorities)?));
        }
        Ok(Some(tls))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ServeError> {
    std::fs::read(path).map_err(|error| ServeError::File {
        path: path.display().to_string(),
        error,
    })
}
