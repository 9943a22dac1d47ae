//! One answer to every call, after the work that is asked for.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use redis::{AsyncCommands as _, aio::MultiplexedConnection};
use sea_orm::sqlx::PgPool;
use tonic::{
    Status,
    body::Body,
    server::{Grpc, NamedService},
};
use tower::{Service, service_fn};

use super::{raw::Raw, rotating};

/// A key that is not there, as long as that of a session's mark.
const KEY: &str = "limits:revoked:01997000-0000-7000-8000-000000000001";

/// The answer, and the work before it.
#[derive(Clone)]
pub(super) enum Answering {
    Echo(Bytes),
    Redis(Bytes, MultiplexedConnection),
    Refresh(Bytes, PgPool),
}

impl Answering {
    async fn answer(self, request: Bytes) -> Result<Bytes, Status> {
        match self {
            Self::Echo(answer) => Ok(answer),
            Self::Redis(answer, mut connection) => {
                let mark: Option<String> = connection
                    .get(KEY)
                    .await
                    .map_err(|error| Status::internal(error.to_string()))?;
                if mark.is_some() {
                    return Err(Status::unauthenticated("revoked"));
                }
                Ok(answer)
            }
            Self::Refresh(answer, pool) => {
                rotating::rotate(&pool, request).await?;
                Ok(answer)
            }
        }
    }
}

impl NamedService for Answering {
    const NAME: &'static str = "accountd.v1.AccountService";
}

impl Service<Request<Body>> for Answering {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let answer = service_fn(|request: tonic::Request<Bytes>| {
                let answer = this.clone().answer(request.into_inner());
                async { answer.await.map(tonic::Response::new) }
            });
            Ok(Grpc::new(Raw).unary(answer, request).await)
        })
    }
}
