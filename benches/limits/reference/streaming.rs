//! The least that a server has to do for the same bytes: a bare tonic service without accounts, files and tables.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    path::Path,
    pin::Pin,
    str::FromStr,
    sync::{Arc, Mutex, mpsc},
    task::{self, Poll},
    thread,
    time::Duration,
};

use accountd::{
    backend::threads::lower_priority,
    pictures::{Kind, Limits, render},
    proto::{
        DownloadProfilePictureRequest, DownloadProfilePictureResponse, UploadProfilePictureRequest,
        UploadProfilePictureResponse, download_profile_picture_response as download,
        upload_profile_picture_request as upload,
    },
};
use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use futures_util::{Stream, stream};
use http::{Request, Response};
use tokio::{net::TcpListener, sync::oneshot};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Status, Streaming,
    body::Body,
    server::{Grpc, NamedService},
    transport::Server,
};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

use crate::chunks;

/// The first argument of the process that is a reference.
pub(crate) const COMMAND: &str = "reference";

/// Pictures rendered at once, as accountd does by default.
const THREADS: usize = 2;

/// What is done beside moving the bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Nothing: the chunks of an upload are dropped as they come.
    Nothing,
    /// Downloads go through SHA-256, as all that accountd keeps does before a client may trust it.
    Digest,
    /// Uploads are decoded and encoded, on two threads of the priority that they have in accountd.
    Render,
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "stream",
            Self::Digest => "stream+digest",
            Self::Render => "stream+render",
        })
    }
}

impl FromStr for Work {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let mut all = [Self::Nothing, Self::Digest, Self::Render].into_iter();
        all.find(|work| work.to_string() == name)
            .ok_or_else(|| name.to_owned())
    }
}

/// Serves on a free port, which it prints, until it is killed.
pub(crate) async fn serve(work: Work, file: &Path) {
    let file = Bytes::from(std::fs::read(file).unwrap());
    let reference = Reference {
        chunks: Arc::new(chunks(&file)),
        renderer: (work == Work::Render).then(Renderer::start),
        has_digest: work == Work::Digest,
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{COMMAND} serves on {}", listener.local_addr().unwrap());
    Server::builder()
        .add_service(reference)
        .serve_with_incoming(TcpListenerStream::new(listener))
        .await
        .unwrap();
}

#[derive(Clone)]
struct Reference {
    chunks: Arc<Vec<Bytes>>,
    renderer: Option<Renderer>,
    has_digest: bool,
}

impl NamedService for Reference {
    const NAME: &'static str = "accountd.v1.AccountService";
}

impl Service<Request<Body>> for Reference {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let path = request.uri().path();
            let response = if path.ends_with("/UploadProfilePicture") {
                let take = service_fn(|request| take(this.renderer.clone(), request));
                let mut grpc = Grpc::new(ProstCodec::default());
                grpc.client_streaming(take, request).await
            } else if path.ends_with("/DownloadProfilePicture") {
                let send = service_fn(|_: tonic::Request<DownloadProfilePictureRequest>| {
                    std::future::ready(Ok(send(&this)))
                });
                let mut grpc = Grpc::new(ProstCodec::default());
                grpc.server_streaming(send, request).await
            } else {
                Status::unimplemented("no such method").into_http()
            };
            Ok(response)
        })
    }
}

async fn take(
    renderer: Option<Renderer>,
    request: tonic::Request<Streaming<UploadProfilePictureRequest>>,
) -> Result<tonic::Response<UploadProfilePictureResponse>, Status> {
    let mut stream = request.into_inner();
    let mut file = Vec::new();
    while let Some(message) = stream.message().await? {
        let Some(upload::Part::Chunk(chunk)) = message.part else {
            continue;
        };
        if renderer.is_some() {
            file.extend_from_slice(&chunk);
        }
    }
    if let Some(renderer) = renderer {
        renderer.render(file).await;
    }
    Ok(tonic::Response::new(UploadProfilePictureResponse::default()))
}

type Downloaded = Result<DownloadProfilePictureResponse, Status>;

fn send(reference: &Reference) -> tonic::Response<impl Stream<Item = Downloaded> + use<>> {
    let chunks: Vec<Bytes> = reference.chunks.to_vec();
    let mut seen = reference.has_digest.then(|| Context::new(&SHA256));
    let chunks = chunks.into_iter().map(move |chunk| {
        if let Some(seen) = &mut seen {
            seen.update(&chunk);
        }
        download::Part::Chunk(chunk)
    });
    let header = download::Part::Header(download::Header::default());
    let parts = std::iter::once(header).chain(chunks);
    let messages = parts.map(|part| Ok(DownloadProfilePictureResponse { part: Some(part) }));
    tonic::Response::new(stream::iter(messages))
}

/// A file, and where its end is waited for.
type Job = (Vec<u8>, oneshot::Sender<()>);

/// The threads that render.
#[derive(Clone)]
struct Renderer {
    jobs: mpsc::Sender<Job>,
}

impl Renderer {
    fn start() -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..THREADS {
            let queue = Arc::clone(&queue);
            thread::spawn(move || {
                lower_priority();
                loop {
                    let job = queue.lock().unwrap().recv();
                    let Ok((file, done)) = job else {
                        return;
                    };
                    render(&file, &limits()).unwrap();
                    let _ = done.send(());
                }
            });
        }
        Self { jobs }
    }

    async fn render(&self, file: Vec<u8>) {
        let (done, ended) = oneshot::channel();
        self.jobs.send((file, done)).unwrap();
        ended.await.unwrap();
    }
}

/// Those that accountd has by default, and time enough.
fn limits() -> Limits {
    Limits {
        kinds: Kind::ALL.to_vec(),
        max_bytes: 5_242_880,
        max_side: 4096,
        max_pixels: 16_777_216,
        max_memory: 67_108_864,
        decode_time: Duration::from_secs(30),
    }
}
