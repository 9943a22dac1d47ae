//! How a service runs an operation for a call.

use std::{future::Future, pin::Pin, sync::Arc};

use serde::de::DeserializeOwned;
use tonic::{Request, Response, Status};
use tracing::Instrument as _;

use super::{
    replay::{self, Named},
    status::status,
};
use crate::{
    app::{App, Call},
    error::{Error, Result},
    faults::Bug,
    traces,
};

/// What a method of a service answers.
pub(super) type Answer<T> = Result<Response<T>, Status>;

/// Makes a change, once for all deliveries of the call, on a task of its own, whose answer is awaited here. The work comes
/// boxed: it is tens of kilobytes, and would be moved by each that wraps it.
pub(super) fn to_its_end<O, A>(
    app: &Arc<App>,
    call: Arc<Call>,
    work: Pin<Box<impl Future<Output = Result<O>> + Send + 'static>>,
    answer: fn(O) -> A,
) -> impl Future<Output = Result<Response<A>, Status>>
where
    O: DeserializeOwned + Send + 'static,
    A: Send + 'static,
{
    let (app, of_task) = (Arc::clone(app), Arc::clone(&call));
    let change = async move { replay::once(&app, &of_task, work).await.map(answer) };
    let task = tokio::spawn(traces::carried(change.in_current_span()));
    async move {
        task.await
            .unwrap_or_else(|fault| Err(Error::Internal(fault.to_string())))
            .map(Response::new)
            .map_err(|error| status(&error, &call.request_id))
    }
}

/// The call under the name that its request bears, if it bears one.
pub(super) async fn name(
    app: &App,
    call: &Arc<Call>,
    method: &'static str,
    request: &impl Named,
) -> Result<Arc<Call>, Status> {
    if app.faults.has(Bug::RequestIdIsIgnored) {
        return Ok(Arc::clone(call));
    }
    replay::named(app, call, method, request)
        .await
        .map(|named| named.map_or_else(|| Arc::clone(call), Arc::new))
        .map_err(|error| status(&error, &call.request_id))
}

/// The call that the policy has put beside the request.
pub(super) fn open<Q>(mut request: Request<Q>) -> Result<(Arc<Call>, Q), Status> {
    let call = request
        .extensions_mut()
        .remove::<Arc<Call>>()
        .ok_or_else(|| Status::internal("the service stands behind no policy"))?;
    Ok((call, request.into_inner()))
}
