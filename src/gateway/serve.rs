//! Listening: one socket for each address, shared by the dialects that are told apart by host or path.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{Arc, LazyLock},
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo, response::IntoResponse as _};
use http::{HeaderValue, Request, Response, StatusCode, Uri, header, uri::PathAndQuery};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;
use tower::{ServiceExt as _, service_fn};

/// How long accepting rests after it failed.
const REST: Duration = Duration::from_millis(100);
/// How long a client may take for the head of a request, or say nothing between two.
const HEAD: Duration = Duration::from_secs(30);

/// Endpoints that are made when the first request comes for them.
pub type Endpoints = LazyLock<Router, Box<dyn FnOnce() -> Router + Send>>;

/// A dialect and where it is found.
#[derive(Debug)]
pub struct Mount {
    /// Its name.
    pub name: &'static str,
    /// The address of its listener.
    pub listen: SocketAddr,
    /// The only host that it answers to, if it is one.
    pub host: Option<String>,
    /// What its paths begin with; empty or `/…` without a slash at its end.
    pub prefix: String,
    /// Its endpoints. Who never asks for a dialect does without the memory for it.
    pub endpoints: Endpoints,
}

/// A bound socket and the dialects behind it.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    mounts: Arc<[Mount]>,
}

impl Listener {
    /// Binds one socket for each address that the mounts name.
    pub async fn bind(mounts: Vec<Mount>) -> Result<Vec<Self>, (SocketAddr, io::Error)> {
        let mut groups: Vec<(SocketAddr, Vec<Mount>)> = Vec::new();
        for mount in mounts {
            let address = mount.listen;
            // Port 0 is another one each time.
            let same =
                |group: &&mut (SocketAddr, Vec<Mount>)| group.0 == address && address.port() != 0;
            match groups.iter_mut().find(same) {
                Some((_, mounts)) => mounts.push(mount),
                None => groups.push((address, vec![mount])),
            }
        }
        let mut listeners = Vec::new();
        for (address, mut mounts) in groups {
            // Who asks for a host or a longer path is asked first.
            mounts.sort_by_key(|mount| (mount.host.is_none(), usize::MAX - mount.prefix.len()));
            let listener = TcpListener::bind(address)
                .await
                .map_err(|error| (address, error))?;
            listeners.push(Self {
                listener,
                mounts: mounts.into(),
            });
        }
        Ok(listeners)
    }

    /// The dialects behind it, each by its name and its prefix.
    pub fn dialects(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.mounts
            .iter()
            .map(|mount| (mount.name, mount.prefix.as_str()))
    }

    /// The address that it is bound to.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Answers on `listener` until `closing`, then gives requests under way `drain` to end.
pub async fn serve(
    listener: Listener,
    max_connections: usize,
    closing: CancellationToken,
    drain: Duration,
) {
    let places = Arc::new(Semaphore::new(max_connections.min(Semaphore::MAX_PERMITS)));
    let graceful = GracefulShutdown::new();
    let mut server = auto::Builder::new(TokioExecutor::new());
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(64 * 1024);
    server
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEAD)
        .max_concurrent_streams(256)
        .max_header_list_size(16 * 1024);
    loop {
        let accepted = async {
            // The semaphore is never closed.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (place, listener.listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = closing.cancelled() => break,
            accepted = accepted => accepted,
        };
        let (stream, peer): (TcpStream, SocketAddr) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(REST).await;
                continue;
            }
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "connection gone before it was used");
            continue;
        }
        let mounts = Arc::clone(&listener.mounts);
        let service = service_fn(move |request: Request<hyper::body::Incoming>| {
            dispatch(Arc::clone(&mounts), peer, request.map(Body::new))
        });
        let (server, watcher, closing) = (server.clone(), graceful.watcher(), closing.clone());
        tokio::spawn(async move {
            let _place = place;
            let first_word = tokio::time::timeout(HEAD, stream.readable());
            let is_heard = tokio::select! {
                () = closing.cancelled() => false,
                heard = first_word => matches!(heard, Ok(Ok(()))),
            };
            // A client that says nothing at all must not keep its place.
            if !is_heard {
                return;
            }
            let connection =
                server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
            if let Err(error) = watcher.watch(connection).await {
                tracing::debug!(%error, "connection ended");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(drain, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests under way were cut at the end of the drain");
    }
}

/// Hands a request to the dialect whose host and path it names.
async fn dispatch(
    mounts: Arc<[Mount]>,
    peer: SocketAddr,
    mut request: Request<Body>,
) -> Result<Response<Body>, Infallible> {
    let found = mounts.iter().find_map(|mount| {
        let path = mount.path(&request)?;
        Some((mount, path))
    });
    let Some((mount, uri)) = found else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    *request.uri_mut() = uri;
    request.extensions_mut().insert(ConnectInfo(peer));
    let mut response = Router::clone(&mount.endpoints).oneshot(request).await?;
    mount.relocate(&mut response);
    Ok(response)
}

impl Mount {
    /// The address of the request without the prefix, if it is for this dialect.
    fn path(&self, request: &Request<Body>) -> Option<Uri> {
        if let Some(host) = &self.host
            && !host_of(request).is_some_and(|named| named.eq_ignore_ascii_case(host))
        {
            return None;
        }
        if self.prefix.is_empty() {
            return Some(request.uri().clone());
        }
        let all = request.uri().path_and_query()?.as_str();
        let rest = all.strip_prefix(self.prefix.as_str())?;
        let rest = match rest.bytes().next() {
            Some(b'/') => rest.to_owned(),
            None | Some(b'?') => format!("/{rest}"),
            Some(_) => return None,
        };
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = Some(PathAndQuery::try_from(rest).ok()?);
        Uri::from_parts(parts).ok()
    }

    /// Puts the prefix back in front of a path that the dialect, which does not know it, sends the client to.
    fn relocate(&self, response: &mut Response<Body>) {
        let place = response.headers().get(header::LOCATION);
        let path = place.and_then(|place| place.to_str().ok());
        if let Some(path) = path
            && path.starts_with('/')
            && let Ok(place) = HeaderValue::try_from(format!("{}{path}", self.prefix))
        {
            response.headers_mut().insert(header::LOCATION, place);
        }
    }
}

/// The host that the request names, without its port.
fn host_of(request: &Request<Body>) -> Option<&str> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.host());
    }
    let line = request.headers().get(header::HOST)?.to_str().ok()?;
    let (host, port) = line.rsplit_once(':').unwrap_or((line, ""));
    // What stands behind the last colon of an IPv6 address in brackets is no port.
    let has_port = port.bytes().all(|byte| byte.is_ascii_digit());
    Some(if has_port { host } else { line })
}
