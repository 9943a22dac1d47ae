//! One connection through the proxy.

use std::{io, sync::atomic::Ordering, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    time::{sleep, timeout},
};

use super::{
    Conditions, Mode, State,
    trap::{LONGEST, Plan},
};

/// How long the server has nothing more to say when it has answered.
const QUIET: Duration = Duration::from_millis(20);

/// Why a connection ends, other than by both sides' wish.
enum End {
    Broken,
    CutBefore,
    /// With what is still to be passed on.
    LoseReply(Vec<u8>),
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Broken
    }
}

/// Counts a connection while it stands.
struct Standing<'a>(&'a State);

impl Drop for Standing<'_> {
    fn drop(&mut self) {
        self.0.standing.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Serves a connection to its end, which is a reset unless both sides closed it.
pub(super) async fn serve(state: &State, mut client: TcpStream) {
    state.standing.fetch_add(1, Ordering::SeqCst);
    let _standing = Standing(state);
    let mut conditions = state.conditions.subscribe();
    let born = conditions.borrow_and_update().cuts;
    let mut server = None;
    let is_to_end = |now: &Conditions| now.cuts != born || now.mode == Mode::Refuse;
    let changed = conditions.wait_for(|now| is_to_end(now) || now.mode == Mode::Silence);
    let is_over = tokio::select! {
        biased;
        _ = changed => false,
        done = talk(state, &mut client, &mut server) => done.is_ok(),
    };
    if !is_over {
        if conditions.borrow().mode == Mode::Silence {
            let _ = conditions.wait_for(is_to_end).await;
        }
        // The last word is a reset, as from a machine that fails or a wire that breaks.
        let _ = client.set_zero_linger();
        if let Some(server) = server {
            let _ = server.set_zero_linger();
        }
    }
}

async fn talk(
    state: &State,
    client: &mut TcpStream,
    server: &mut Option<TcpStream>,
) -> Result<(), End> {
    client.set_nodelay(true)?;
    let server = server.insert(state.dial().await?);
    let done = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let up = up(state, from_client, to_server);
        let down = down(state, from_server, to_client);
        tokio::try_join!(up, down)
    };
    let Err(end) = done else { return Ok(()) };
    match &end {
        End::Broken => return Err(end),
        End::CutBefore => {}
        End::LoseReply(chunk) => {
            server.write_all(chunk).await?;
            hear_out(server).await?;
        }
    }
    state.fired.send_modify(|count| *count += 1);
    Err(end)
}

/// What the client says, with an eye on patterns.
async fn up(state: &State, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> Result<(), End> {
    let mut before = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            to.shutdown().await?;
            return Ok(());
        }
        wait(state).await;
        let chunk = &buffer[..count];
        match state.spring(&before, chunk) {
            None => to.write_all(chunk).await?,
            Some(Plan::CutBefore) => return Err(End::CutBefore),
            Some(Plan::LoseReply) => return Err(End::LoseReply(chunk.to_vec())),
        }
        before.extend_from_slice(chunk);
        let surplus = before.len().saturating_sub(LONGEST);
        before.drain(..surplus);
    }
}

/// What the server says.
async fn down(state: &State, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> Result<(), End> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            to.shutdown().await?;
            return Ok(());
        }
        wait(state).await;
        to.write_all(&buffer[..count]).await?;
    }
}

async fn wait(state: &State) {
    let delay = state.conditions.borrow().delay;
    if !delay.is_zero() {
        sleep(delay).await;
    }
}

/// Reads an answer to its end. The first bytes may belong to what was asked before.
async fn hear_out(server: &mut TcpStream) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    let mut count = server.read(&mut buffer).await?;
    while count > 0 {
        match timeout(QUIET, server.read(&mut buffer)).await {
            Ok(next) => count = next?,
            Err(_) => return Ok(()),
        }
    }
    Ok(())
}
