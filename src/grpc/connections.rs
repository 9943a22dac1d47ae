//! Accepting connections: never more at a time than configured, none that says nothing, and never giving up.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::Stream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Sleep, sleep},
};
use tonic::transport::server::{Connected, TcpConnectInfo};

/// How long accepting rests after it failed: without descriptors, trying again at once would only burn the processor.
const REST: Duration = Duration::from_millis(100);

/// A connection, with the place that it takes.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    silence: Silence,
    _place: OwnedSemaphorePermit,
}

/// How long a client may say nothing before its place is given to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// From the connection to the end of its first words.
    pub(super) greeting: Duration,
    /// Afterwards. HTTP/2 pings wait for no call, so a living client is never silent for long.
    pub(super) silence: Duration,
    /// From the connection to its end, whatever it does: the age at which it is asked to go, and the time that its calls
    /// have then. Who takes no answers would keep its place for ever otherwise (PR-04).
    pub(super) life: Duration,
}

/// Connections as they come, each when there is a place for it.
pub(super) fn accept(
    listener: TcpListener,
    places: usize,
    patience: Patience,
) -> impl Stream<Item = io::Result<Connection>> {
    let places = Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
    futures_util::stream::unfold((listener, places, patience), async |state| {
        let (listener, places, patience) = state;
        // The semaphore is never closed.
        let place = Arc::clone(&places).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    // Small answers must not wait for each other.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "connection gone before it was used");
                        continue;
                    }
                    let connection = Connection {
                        stream,
                        silence: Silence::new(patience),
                        _place: place,
                    };
                    return Some((Ok(connection), (listener, places, patience)));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    })
}

/// Bytes of the greeting with which every HTTP/2 connection begins (RFC 9113, 3.4).
const GREETING: usize = 24;

/// Ends a connection whose client has gone without a word, or never had one: its pings are sent only after the
/// greeting, so until then nothing else would.
#[derive(Debug)]
struct Silence {
    patience: Patience,
    received: usize,
    end: Pin<Box<Sleep>>,
    last: Pin<Box<Sleep>>,
}

impl Silence {
    fn new(patience: Patience) -> Self {
        Self {
            patience,
            received: 0,
            end: Box::pin(sleep(patience.greeting)),
            last: Box::pin(sleep(patience.life)),
        }
    }

    fn break_with(&mut self, bytes: usize) {
        self.received = self.received.saturating_add(bytes);
        if self.received >= GREETING {
            let end = Instant::now() + self.patience.silence;
            self.end.as_mut().reset(end);
        }
    }

    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        self.end.as_mut().poll(context).is_ready() || self.last.as_mut().poll(context).is_ready()
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            self.silence.break_with(buffer.filled().len() - before);
        } else if self.silence.is_over(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
