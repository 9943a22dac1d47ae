//! A proxy in front of an HTTP server that passes one request a connection, or fails it as it was told.

use std::{
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};

/// How a client that takes nothing is known.
const STALL: Duration = Duration::from_millis(500);

/// What happens to a request instead of being passed on.
#[derive(Clone, Debug)]
pub enum Fault {
    /// This status, with an error document in which stands this code.
    Answer(&'static str, &'static str),
    /// The connection is closed without a word.
    HangUp,
    /// Nothing is ever answered.
    Silence,
    /// It is passed on later.
    Delay(Duration),
    /// So many bytes of the answer's body, then the connection is closed.
    Cut(usize),
    /// So many bytes of the answer's body, then nothing.
    Stall(usize),
}

/// The proxy; it stops when dropped.
pub struct FaultProxy {
    pub port: u16,
    state: Arc<State>,
    stop: DropGuard,
}

/// Which of the next requests fail, and how.
struct Plan {
    /// Requests that are passed on before.
    spared: usize,
    failing: usize,
    fault: Fault,
}

#[derive(Default)]
struct State {
    /// What happens to the next requests.
    plan: Mutex<Option<Plan>>,
    requests: AtomicUsize,
    passed: AtomicUsize,
    stalled: Notify,
}

impl FaultProxy {
    /// A proxy on a free port, in front of the server on `upstream`.
    pub fn before(upstream: u16) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // Small, so that little is on the way to a client that does not read.
        socket.set_send_buffer_size(65_536).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(64).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let accept = async move {
            while let Ok((client, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                let stopped = stopped.clone();
                // A client that hangs up ends its own connection only.
                tokio::spawn(async move {
                    tokio::select! {
                        () = stopped.cancelled() => {}
                        result = state.serve(client, upstream) => drop(result),
                    }
                });
            }
        };
        tokio::spawn(stop.clone().run_until_cancelled_owned(accept));
        Self {
            port,
            state,
            stop: stop.drop_guard(),
        }
    }

    /// Fails the next `times` requests.
    pub fn fail(&self, times: usize, fault: Fault) {
        self.plan(0, times, fault);
    }

    /// Fails all requests from now on.
    pub fn fail_all(&self, fault: Fault) {
        self.fail(usize::MAX, fault);
    }

    /// Passes so many requests on, and fails all others.
    pub fn fail_all_after(&self, spared: usize, fault: Fault) {
        self.plan(spared, usize::MAX, fault);
    }

    /// Fails nothing any more.
    pub fn heal(&self) {
        *self.state.plan.lock().unwrap() = None;
    }

    fn plan(&self, spared: usize, failing: usize, fault: Fault) {
        *self.state.plan.lock().unwrap() = Some(Plan {
            spared,
            failing,
            fault,
        });
    }

    /// How many requests have come so far.
    pub fn requests(&self) -> usize {
        self.state.requests.load(Ordering::SeqCst)
    }

    /// How many bytes of answers have been passed on so far.
    pub fn passed(&self) -> usize {
        self.state.passed.load(Ordering::SeqCst)
    }

    /// Waits until a client has taken nothing for half a second.
    pub async fn stalled(&self) {
        self.state.stalled.notified().await;
    }

    /// Stops, so that connections are refused, and gives the port.
    pub async fn close(self) -> u16 {
        let port = self.port;
        drop(self.stop);
        while TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            tokio::task::yield_now().await;
        }
        port
    }
}

impl State {
    fn next_fault(&self) -> Option<Fault> {
        let mut slot = self.plan.lock().unwrap();
        let plan = slot.as_mut()?;
        if plan.spared > 0 {
            plan.spared -= 1;
            return None;
        }
        let fault = plan.fault.clone();
        plan.failing -= 1;
        if plan.failing == 0 {
            *slot = None;
        }
        Some(fault)
    }

    async fn serve(&self, mut client: TcpStream, upstream: u16) -> io::Result<()> {
        let Some(request) = read_request(&mut client).await? else {
            return Ok(());
        };
        self.requests.fetch_add(1, Ordering::SeqCst);
        let most = match self.next_fault() {
            None => (usize::MAX, false),
            Some(Fault::Answer(status, code)) => {
                let body = format!("<Error><Code>{code}</Code><Secret>hidden</Secret></Error>");
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                );
                return client.write_all(answer.as_bytes()).await;
            }
            Some(Fault::HangUp) => return Ok(()),
            Some(Fault::Silence) => return std::future::pending().await,
            Some(Fault::Delay(time)) => {
                sleep(time).await;
                (usize::MAX, false)
            }
            Some(Fault::Cut(bytes)) => (bytes, false),
            Some(Fault::Stall(bytes)) => (bytes, true),
        };
        let mut server = TcpStream::connect(("127.0.0.1", upstream)).await?;
        server.write_all(&request).await?;
        self.pass(server, client, most).await
    }

    /// Passes the answer on, with `most` bytes of its body, then closes the connection or leaves it open.
    async fn pass(
        &self,
        mut server: TcpStream,
        mut client: TcpStream,
        (most, stays_open): (usize, bool),
    ) -> io::Result<()> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(server.read_u8().await?);
        }
        client.write_all(&head).await?;
        let mut left = most;
        let mut buffer = vec![0; 16 * 1024];
        while left > 0 {
            let most = left.min(buffer.len());
            let count = server.read(&mut buffer[..most]).await?;
            if count == 0 {
                return Ok(());
            }
            self.write(&mut client, &buffer[..count]).await?;
            left -= count;
        }
        if stays_open {
            return std::future::pending().await;
        }
        Ok(())
    }

    async fn write(&self, client: &mut TcpStream, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match timeout(STALL, client.write(bytes)).await {
                Ok(count) => {
                    let count = count?;
                    self.passed.fetch_add(count, Ordering::SeqCst);
                    bytes = &bytes[count..];
                }
                Err(_) => self.stalled.notify_one(),
            }
        }
        Ok(())
    }
}

/// A request with its body, made to be the only one of its connection; none if the client has hung up.
async fn read_request(client: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if client.read(&mut byte).await? == 0 {
            return Ok(None);
        }
        head.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&head).to_lowercase();
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .map_or(0, |length| length.trim().parse().unwrap());
    let mut body = vec![0; length];
    client.read_exact(&mut body).await?;
    head.truncate(head.len() - 2);
    head.extend_from_slice(b"Connection: close\r\n\r\n");
    head.extend_from_slice(&body);
    Ok(Some(head))
}
