//! What every call goes through, whichever face it comes by: an id, a span, a deadline, a limit per address, and an
//! answer that never lacks its reason.

use std::{
    convert::Infallible,
    future::Future,
    panic::AssertUnwindSafe,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::FutureExt as _;
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header::CONTENT_TYPE,
};
use ipnet::IpNet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status, body::Body};
use tower::Service;
use tracing::{Instrument as _, Span};

use super::{peer::peer, request_id::RequestIds, status, streamed::Streamed};
use crate::{
    accounts::limit,
    app::{App, Call},
    error::{Error, Result},
    metrics::calls,
    traces,
};

/// The header that carries a call's id, both ways.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Narrows a call to tokens of one realm: who stands for one realm's users takes no other's.
const REALM: HeaderName = HeaderName::from_static("accountd-realm");

/// The encodings that are spoken, told with the refusal of one that is not.
const ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");

/// Calls that anyone may make and that cost a hash, a mail or a guess.
const GUARDED: [&str; 6] = [
    "/accountd.v1.AccountService/Register",
    "/accountd.v1.AccountService/RequestOtp",
    "/accountd.v1.AccountService/VerifyOtp",
    "/accountd.v1.AccountService/ResendOtp",
    "/accountd.v1.AccountService/Login",
    "/accountd.v1.AccountService/ResetPassword",
];

/// Calls that take as long as their bytes do.
const STREAMING: [&str; 4] = [
    "/accountd.v1.AdminService/ImportAccounts",
    "/accountd.v1.AdminService/ExportAccounts",
    "/accountd.v1.AccountService/UploadProfilePicture",
    "/accountd.v1.AccountService/DownloadProfilePicture",
];

/// Calls whose answer is a stream, with the code behind it.
const STREAMED: [&str; 6] = [
    "/accountd.v1.AdminService/ImportAccounts",
    "/accountd.v1.AdminService/ExportAccounts",
    "/accountd.v1.AccountService/DownloadProfilePicture",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// Calls that only look. There may be many thousands of them a second, so that a line for each in the log, as everybody has
/// it, would be the most of their cost.
const READS: [&str; 3] = [
    "/accountd.v1.AccountService/GetCurrent",
    "/accountd.v1.AccountService/ListSessions",
    "/grpc.health.v1.Health/Check",
];

/// Services whose refusals are defined by protocols of their own.
const FOREIGN: [&str; 2] = ["/grpc.health.v1.Health/", "/grpc.reflection."];

/// A service behind the policy.
#[derive(Clone, Debug)]
pub struct Policy<S> {
    inner: S,
    app: Arc<App>,
    rules: Arc<Rules>,
    ids: Arc<RequestIds>,
}

/// What the policy goes by.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The longest that a call may take, and how long it may take when it does not say.
    pub deadline: Duration,
    /// The same for calls that stream.
    pub stream_deadline: Duration,
    /// Networks whose `x-forwarded-for` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

impl<S> Policy<S> {
    /// Puts `inner` behind the policy.
    pub fn new(inner: S, app: Arc<App>, rules: Rules) -> Self {
        let ids = RequestIds::new(&app.random);
        Self {
            inner,
            app,
            rules: Arc::new(rules),
            ids: Arc::new(ids),
        }
    }

    /// What is known of the call before anything of it is looked at.
    fn call_of(&self, request: &Request<Body>) -> Call {
        let headers = request.headers();
        let rules = &self.rules;
        let most = if STREAMING.contains(&request.uri().path()) {
            rules.stream_deadline
        } else {
            rules.deadline
        };
        let own_id = || self.ids.next(self.app.clock.now()).to_string();
        Call {
            request_id: request_id(headers).map_or_else(own_id, str::to_owned),
            peer: peer(request.extensions(), headers, &rules.trusted_proxies),
            user_agent: user_agent(headers).to_owned(),
            gone: CancellationToken::new(),
            deadline: Some(Instant::now() + deadline(headers, most)),
            bearer: bearer(headers),
            realm: headers
                .get(REALM)
                .map(|realm| Arc::from(realm.to_str().unwrap_or_default())),
            operator: None,
            // A request tells its name in its message.
            named: None,
        }
    }
}

impl<S> Service<Request<Body>> for Policy<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future =
        Pin<Box<dyn Future<Output = std::result::Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<std::result::Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if !is_grpc(request.headers()) {
            return Box::pin(std::future::ready(Ok(not_grpc())));
        }
        let clone = self.inner.clone();
        // The clone has not been polled ready; the original has.
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let app = Arc::clone(&self.app);
        let came = Instant::now();
        let counted = calls::Call::begin(request.uri().path(), came.into_std());
        let traced = traces::Call::begin(request.uri().path(), request.headers());
        let call = Arc::new(self.call_of(&request));
        let method = method(request.uri().path());
        let read = READS.into_iter().find(|read| *read == method);
        let is_streamed = STREAMED.contains(&method);
        let is_ours = !FOREIGN.iter().any(|service| method.starts_with(service));
        let trace_id = traced.trace_id().map(tracing::field::display);
        let span = if read.is_some() {
            tracing::debug_span!("call", id = call.request_id, method, trace_id)
        } else {
            tracing::info_span!("call", id = call.request_id, method, trace_id)
        };
        request.extensions_mut().insert(Arc::clone(&call));
        let gone = call.gone.clone().drop_guard();
        let scope = traced.scope();
        let work = async move {
            // Pinned here, since it is large, and what wraps it would move it once each.
            let mut answer = pin!(async {
                guard(&app, &call, request.uri().path()).await?;
                let Ok(response) = inner.call(request).await;
                Ok(response)
            });
            let deadline = call.deadline.unwrap_or(came);
            // What broke is the call's own: everything that calls share is whole between two steps.
            let answer = AssertUnwindSafe(answer.as_mut()).catch_unwind();
            let mut response = tokio::time::timeout_at(deadline, answer)
                .await
                .map_or(Err(Error::DeadlineExceeded), |answer| {
                    answer.unwrap_or_else(|_| Err(Error::Internal(String::from("a panic"))))
                })
                .unwrap_or_else(|error| refuse(&error, &call));
            // Who drops this future before has lost its client.
            gone.disarm();
            let code = complete(&mut response, &call, is_ours);
            if let Ok(id) = HeaderValue::from_str(&call.request_id) {
                response.headers_mut().insert(REQUEST_ID, id);
            }
            let time = came.elapsed();
            tell(&call, code, time, read, &traced);
            let is_watched = counted.is_counted() || traced.is_recorded();
            if code == Code::Ok && is_streamed && is_watched {
                let watched = |body| Body::new(Streamed::new(body, counted, traced));
                return Ok(response.map(watched));
            }
            counted.end(code.into(), time);
            traced.end(code.into());
            Ok(response)
        };
        scope.around(Box::pin(work.instrument(span)))
    }
}

/// Writes the line of the call into the log.
fn tell(
    call: &Call,
    code: Code,
    time: Duration,
    read: Option<&'static str>,
    traced: &traces::Call,
) {
    let peer = &call.peer;
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    match read {
        Some(_) if code == Code::Ok => tracing::debug!(%peer, ?code, micros, "answered"),
        Some(method) if Span::current().is_disabled() => {
            let trace_id = traced.trace_id().map(tracing::field::display);
            tracing::info_span!("call", id = call.request_id, method, trace_id)
                .in_scope(|| tracing::info!(%peer, ?code, micros, "answered"));
        }
        _ => tracing::info!(%peer, ?code, micros, "answered"),
    }
}

/// Whether the request speaks gRPC, and not JSON, a form or gRPC-Web, whose bytes mean something else.
fn is_grpc(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok()?.strip_prefix("application/grpc"))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['+', ';']))
}

/// What the protocol demands for anything else; such a client would not understand a gRPC status.
fn not_grpc() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    response
}

/// The last part of the path, if it looks like a method at all: a log line has no room for what a client makes up.
fn method(path: &str) -> &str {
    let is_plain = path.len() <= 128 && path.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain { path } else { "_OTHER" }
}

/// The client's id for the call, if it is 1 to 64 visible ASCII characters.
fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(REQUEST_ID)
        .and_then(|id| id.to_str().ok())
        .filter(|id| (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic()))
}

/// What the client calls itself, cut to 256 visible characters.
fn user_agent(headers: &HeaderMap) -> &str {
    let agent = headers.get(http::header::USER_AGENT);
    // Visible characters of a header are ASCII, a byte each.
    let agent = agent.and_then(|agent| agent.to_str().ok());
    let agent = agent.unwrap_or_default();
    agent.get(..256).unwrap_or(agent)
}

/// The token of `authorization: Bearer …`; the scheme's case does not matter (RFC 9110, 11.1). Two such headers are none.
fn bearer(headers: &HeaderMap) -> Option<Arc<str>> {
    let mut lines = headers.get_all(http::header::AUTHORIZATION).iter();
    let line = lines.next()?.to_str().ok()?;
    if lines.next().is_some() {
        return None;
    }
    let (scheme, token) = line.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| Arc::from(token))
}

/// The smaller of the client's `grpc-timeout` and our own limit.
///
/// A little is kept back, so that the refusal with its reason is on its way before the client gives up.
fn deadline(headers: &HeaderMap, most: Duration) -> Duration {
    let wanted = headers
        .get("grpc-timeout")
        .and_then(|text| text.to_str().ok())
        .and_then(parse_timeout)
        .map_or(most, |wanted| wanted.min(most));
    wanted.saturating_sub((wanted / 10).min(Duration::from_millis(10)))
}

/// `grpc-timeout` as the gRPC protocol writes it: at most eight digits and a unit.
fn parse_timeout(text: &str) -> Option<Duration> {
    let split = text.len().checked_sub(1)?;
    let (digits, unit) = text.split_at_checked(split)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(value.saturating_mul(3600)),
        "M" => Duration::from_secs(value.saturating_mul(60)),
        "S" => Duration::from_secs(value),
        "m" => Duration::from_millis(value),
        "u" => Duration::from_micros(value),
        "n" => Duration::from_nanos(value),
        _ => return None,
    })
}

/// The limit per client address.
async fn guard(app: &App, call: &Call, path: &str) -> Result<()> {
    if !GUARDED.contains(&path) {
        return Ok(());
    }
    limit::take_of_address(app, call.peer).await
}

fn refuse(error: &Error, call: &Call) -> Response<Body> {
    status::status(error, &call.request_id).into_http()
}

/// Gives a reason to a refusal that tonic made before any handler of ours saw the call. Returns the call's code.
///
/// Health and reflection have refusals of their own, which their protocols define.
fn complete(response: &mut Response<Body>, call: &Call, is_ours: bool) -> Code {
    let headers = response.headers();
    // A success tells its code in the trailers.
    let Some(bare) = Status::from_header_map(headers) else {
        return Code::Ok;
    };
    let is_told = !is_ours || headers.contains_key("grpc-status-details-bin");
    if bare.code() == Code::Ok || is_told {
        return bare.code();
    }
    let encodings = headers.get(ACCEPT_ENCODING).cloned();
    let told = status::bare(&bare, &call.request_id);
    let code = told.code();
    *response = told.into_http();
    if let Some(encodings) = encodings {
        response.headers_mut().insert(ACCEPT_ENCODING, encodings);
    }
    code
}
