//! Reflection (v1 and v1alpha), whose index is made when somebody asks for it.

use std::{
    convert::Infallible,
    future::{Future, ready},
    pin::Pin,
    sync::{Arc, LazyLock},
    task::{Context, Poll},
};

use http::{Request, Response};
use tonic::{Status, body::Body, server::NamedService};
use tonic_reflection::server::{Builder, Error};
use tower::Service;

use crate::proto;

/// A service that is made at its first call.
pub(super) struct Later<S>(Arc<LazyLock<Option<S>, Make<S>>>);

type Make<S> = Box<dyn FnOnce() -> Option<S> + Send>;

/// A service of the contract, health and the details of refusals: with the last, grpcurl prints why a call was refused. No other
/// service is told of, since it is not served here.
pub(super) fn reflection<S: NamedService>(
    service: &'static str,
    build: impl FnOnce(Builder<'static>) -> Result<S, Error> + Send + 'static,
) -> Later<S> {
    let make: Make<S> = Box::new(move || {
        let builder = Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
            .with_service_name(service)
            .with_service_name("grpc.health.v1.Health")
            .with_service_name(S::NAME);
        build(builder)
            .inspect_err(|error| tracing::error!(%error, "no reflection"))
            .ok()
    });
    Later(Arc::new(LazyLock::new(make)))
}

impl<S> Clone for Later<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: NamedService> NamedService for Later<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<Request<Body>> for Later<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // So is a service of tonic, always.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match &**self.0 {
            Some(service) => Box::pin(service.clone().call(request)),
            None => Box::pin(ready(
                Ok(Status::unimplemented("no reflection").into_http()),
            )),
        }
    }
}
