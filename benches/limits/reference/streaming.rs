//! Streams of the same bytes, without accounts, files and tables.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
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
use tokio::sync::oneshot;
use tonic::{
    Status, Streaming as Incoming,
    body::Body,
    server::{Grpc, NamedService},
};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

use crate::transfers::chunks;

/// Pictures rendered at once, as accountd does by default.
const THREADS: usize = 2;

/// A file that is sent to whoever asks; uploads are dropped as they come, or rendered.
#[derive(Clone)]
pub(super) struct Streaming {
    chunks: Arc<Vec<Bytes>>,
    renderer: Option<Renderer>,
    has_digest: bool,
}

impl Streaming {
    /// Moves the bytes.
    pub(super) fn bare(file: &Bytes) -> Self {
        Self {
            chunks: Arc::new(chunks(file)),
            renderer: None,
            has_digest: false,
        }
    }

    /// Downloads go through SHA-256, as all that accountd keeps does before a client may trust it.
    pub(super) fn with_digest(self) -> Self {
        Self {
            has_digest: true,
            ..self
        }
    }

    /// Uploads are decoded and encoded, on two threads of the priority that they have in accountd.
    pub(super) fn with_rendering(self) -> Self {
        Self {
            renderer: Some(Renderer::start()),
            ..self
        }
    }
}

impl NamedService for Streaming {
    const NAME: &'static str = "accountd.v1.AccountService";
}

impl Service<Request<Body>> for Streaming {
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
    request: tonic::Request<Incoming<UploadProfilePictureRequest>>,
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

fn send(reference: &Streaming) -> tonic::Response<impl Stream<Item = Downloaded> + use<>> {
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
