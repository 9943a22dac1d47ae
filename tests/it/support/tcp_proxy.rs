//! A proxy in front of a server that speaks over TCP, which passes everything on or fails as it was told.
//!
//! It knows no protocol: what it waits for is a run of bytes, such as `COMMIT`. `FaultProxy` is its like for HTTP.

mod line;
mod trap;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

use trap::{Plan, Trap};

/// The proxy; it stops with the test's runtime. Clones are the same one.
#[derive(Clone)]
pub struct TcpProxy {
    pub port: u16,
    state: Arc<State>,
}

/// What connections do with what comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Pass,
    Refuse,
    Silence,
}

/// What holds for all connections at this moment.
#[derive(Clone, Copy)]
struct Conditions {
    mode: Mode,
    /// How long each chunk waits, in each direction.
    delay: Duration,
    /// How often all standing connections were cut; those that began before the last time end.
    cuts: u64,
}

struct State {
    upstream: Mutex<(String, u16)>,
    conditions: watch::Sender<Conditions>,
    traps: Mutex<Vec<Trap>>,
    connections: AtomicUsize,
    standing: AtomicUsize,
    fired: watch::Sender<usize>,
}

impl TcpProxy {
    /// A proxy on a free loopback port, in front of the server at `host` and `port`.
    pub async fn before(host: &str, port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            state: Arc::new(State {
                upstream: Mutex::new((host.to_owned(), port)),
                conditions: watch::Sender::new(Conditions {
                    mode: Mode::Pass,
                    delay: Duration::ZERO,
                    cuts: 0,
                }),
                traps: Mutex::default(),
                connections: AtomicUsize::new(0),
                standing: AtomicUsize::new(0),
                fired: watch::Sender::new(0),
            }),
        };
        let state = Arc::clone(&proxy.state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let state = Arc::clone(&state);
                state.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move { line::serve(&state, client).await });
            }
        });
        proxy
    }

    /// A proxy in front of the server that a URL names, and the URL that leads through it.
    pub async fn before_url(url: &str) -> (Self, String) {
        let (scheme, rest) = url.split_once("://").unwrap();
        let end = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user, place) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (host, port) = place.rsplit_once(':').unwrap();
        let proxy = Self::before(host, port.parse().unwrap()).await;
        let at = if user.is_empty() { "" } else { "@" };
        let through = format!("{scheme}://{user}{at}127.0.0.1:{}{path}", proxy.port);
        (proxy, through)
    }

    /// Sends new connections to another port from now on.
    pub fn redirect(&self, port: u16) {
        self.state.upstream.lock().unwrap().1 = port;
    }

    /// Passes everything on. Connections that were held in silence are cut, since what they were sent is lost.
    pub fn pass(&self) {
        self.turn(Mode::Pass, Duration::ZERO, false);
    }

    /// Resets new connections, and cuts those that stand.
    pub fn refuse(&self) {
        self.turn(Mode::Refuse, Duration::ZERO, true);
    }

    /// Cuts all connections that stand with a reset, and goes on as before.
    pub fn cut(&self) {
        self.state.conditions.send_modify(|now| now.cuts += 1);
    }

    /// Passes nothing on: connections stay open, and new ones are taken and hang.
    pub fn silence(&self) {
        self.turn(Mode::Silence, Duration::ZERO, false);
    }

    /// Passes each chunk on after `delay`, in each direction.
    pub fn slow(&self, delay: Duration) {
        self.turn(Mode::Pass, delay, false);
    }

    fn turn(&self, mode: Mode, delay: Duration, cuts: bool) {
        self.state.conditions.send_modify(|now| {
            let ends_silence = now.mode == Mode::Silence && mode != Mode::Silence;
            now.cuts += u64::from(cuts || ends_silence);
            now.mode = mode;
            now.delay = delay;
        });
    }

    /// The next `times` that a client says `pattern`: it is passed on, the server's answer is awaited, and the connection
    /// is cut in its place. What was asked for has happened, and the client does not learn of it.
    pub fn lose_reply_after(&self, pattern: impl AsRef<[u8]>, times: usize) {
        self.set(pattern.as_ref(), times, Plan::LoseReply);
    }

    /// The next `times` that a client says `pattern`, the connection is cut and nothing of it is passed on.
    pub fn cut_before(&self, pattern: impl AsRef<[u8]>, times: usize) {
        self.set(pattern.as_ref(), times, Plan::CutBefore);
    }

    /// Forgets what was to happen at patterns and has not happened yet.
    pub fn forget_patterns(&self) {
        self.state.traps.lock().unwrap().clear();
    }

    fn set(&self, pattern: &[u8], times: usize, plan: Plan) {
        let trap = Trap::new(pattern, times, plan);
        self.state.traps.lock().unwrap().push(trap);
    }

    /// How many connections were taken so far.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// How many connections stand now.
    pub fn standing(&self) -> usize {
        self.state.standing.load(Ordering::SeqCst)
    }

    /// How often something happened at a pattern so far.
    pub fn fired(&self) -> usize {
        *self.state.fired.borrow()
    }

    /// Waits until that has happened so often.
    pub async fn until_fired(&self, times: usize) {
        let mut fired = self.state.fired.subscribe();
        fired.wait_for(|count| *count >= times).await.unwrap();
    }
}

impl State {
    async fn dial(&self) -> std::io::Result<TcpStream> {
        let (host, port) = self.upstream.lock().unwrap().clone();
        let server = TcpStream::connect((host.as_str(), port)).await?;
        server.set_nodelay(true)?;
        Ok(server)
    }

    /// What is to happen to `chunk`, which came after `before` on the same connection.
    fn spring(&self, before: &[u8], chunk: &[u8]) -> Option<Plan> {
        let mut traps = self.traps.lock().unwrap();
        let plan = traps.iter_mut().find_map(|trap| trap.spring(before, chunk));
        traps.retain(|trap| !trap.is_spent());
        plan
    }
}
