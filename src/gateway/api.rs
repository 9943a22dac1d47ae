//! The contract, as a dialect calls it.

use std::{fmt::Display, sync::Arc, time::Duration};

use http::{Request, Response};
use tonic::{Status, body::Body};
use tower::{Service, ServiceExt as _, util::BoxCloneSyncService};

use super::caller::Caller;
use crate::proto::{Account, GetCurrentRequest, account_service_client::AccountServiceClient};

/// Why a call did not reach the contract.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unreachable(String);

/// What carries calls to the contract: the services of this process, or a connection to those of another.
pub type Transport = BoxCloneSyncService<Request<Body>, Response<Body>, Unreachable>;

/// The contract in one realm.
#[derive(Clone, Debug)]
pub struct Api {
    transport: Transport,
    realm: Arc<str>,
    timeout: Duration,
    is_remote: bool,
}

impl Api {
    /// Calls services of this process, without a socket.
    pub fn in_process<S>(services: S, realm: &str, timeout: Duration) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + Sync + 'static,
        S::Error: Display,
        S::Future: Send + 'static,
    {
        Self {
            transport: boxed(services),
            realm: realm.into(),
            timeout,
            is_remote: false,
        }
    }

    /// Calls another accountd, which must count this one among its trusted proxies.
    pub fn remote<S>(services: S, realm: &str, timeout: Duration) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + Sync + 'static,
        S::Error: Display,
        S::Future: Send + 'static,
    {
        Self {
            transport: boxed(services),
            realm: realm.into(),
            timeout,
            is_remote: true,
        }
    }

    /// The client.
    pub(super) fn client(&self) -> AccountServiceClient<Transport> {
        AccountServiceClient::new(self.transport.clone())
    }

    /// The realm that the dialect is bound to.
    pub(super) fn realm(&self) -> String {
        self.realm.as_ref().to_owned()
    }

    /// A request without a token, with all that is known of the caller.
    pub(super) fn request<T>(&self, caller: &Caller, message: T) -> tonic::Request<T> {
        self.bound(caller, message, None, Some(self.timeout))
    }

    /// The same with an access token.
    pub(super) fn request_as<T>(
        &self,
        caller: &Caller,
        token: &str,
        message: T,
    ) -> tonic::Request<T> {
        self.bound(caller, message, Some(token), Some(self.timeout))
    }

    /// The same for a call that streams, which takes as long as its bytes do.
    pub(super) fn streaming_as<T>(
        &self,
        caller: &Caller,
        token: Option<&str>,
        message: T,
    ) -> tonic::Request<T> {
        self.bound(caller, message, token, None)
    }

    /// The account of an access token.
    pub(super) async fn account(&self, caller: &Caller, token: &str) -> Result<Account, Status> {
        let request = self.request_as(caller, token, GetCurrentRequest {});
        let answer = self.client().get_current(request).await?.into_inner();
        // The contract sends it with every success.
        answer
            .account
            .ok_or_else(|| Status::internal("internal fault"))
    }

    /// A request that takes no other realm's tokens.
    fn bound<T>(
        &self,
        caller: &Caller,
        message: T,
        token: Option<&str>,
        timeout: Option<Duration>,
    ) -> tonic::Request<T> {
        let mut request = caller.request(message, token, timeout, self.is_remote);
        if let Ok(realm) = self.realm.parse() {
            request.metadata_mut().insert("accountd-realm", realm);
        }
        request
    }
}

fn boxed<S>(services: S) -> Transport
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + Sync + 'static,
    S::Error: Display,
    S::Future: Send + 'static,
{
    BoxCloneSyncService::new(services.map_err(|fault| Unreachable(fault.to_string())))
}
