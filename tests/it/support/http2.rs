//! HTTP/2 frame by frame (RFC 9113), for clients that no library would be.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// The greeting of a client.
pub const GREETING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The types of frames (RFC 9113, 6).
pub mod kind {
    pub const DATA: u8 = 0;
    pub const HEADERS: u8 = 1;
    pub const RST_STREAM: u8 = 3;
    pub const SETTINGS: u8 = 4;
    pub const PING: u8 = 6;
    pub const GOAWAY: u8 = 7;
    pub const WINDOW_UPDATE: u8 = 8;
    pub const CONTINUATION: u8 = 9;
}

/// The flags of frames.
pub mod flag {
    pub const END_STREAM: u8 = 1;
    pub const END_HEADERS: u8 = 4;
}

/// A frame that the server has sent.
#[derive(Debug)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

/// A connection on which the test says every byte.
pub struct Connection {
    pub socket: TcpStream,
}

impl Connection {
    /// Connects and greets.
    pub async fn open(address: SocketAddr) -> Self {
        let mut connection = Self {
            socket: TcpStream::connect(address).await.unwrap(),
        };
        connection.socket.write_all(GREETING).await.unwrap();
        connection.send(kind::SETTINGS, 0, 0, &[]).await.unwrap();
        connection
    }

    /// Sends one frame.
    pub async fn send(
        &mut self,
        kind: u8,
        flags: u8,
        stream: u32,
        payload: &[u8],
    ) -> io::Result<()> {
        self.socket
            .write_all(&frame(kind, flags, stream, payload))
            .await
    }

    /// Begins a call of `path` on `stream`; its messages are to follow.
    pub async fn begin(
        &mut self,
        stream: u32,
        path: &str,
        more: &[(&str, &str)],
    ) -> io::Result<()> {
        let block = call_headers(path, more);
        self.send(kind::HEADERS, flag::END_HEADERS, stream, &block)
            .await
    }

    /// The next frame; none when the connection has ended.
    pub async fn next(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.socket.read_exact(&mut head).await.ok()?;
        let number = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | u32::from(*byte))
        };
        let length = usize::try_from(number(&head[..3])).unwrap();
        let (kind, flags, stream) = (head[3], head[4], number(&head[5..]) & 0x7fff_ffff);
        let mut payload = vec![0; length];
        self.socket.read_exact(&mut payload).await.ok()?;
        Some(Frame {
            kind,
            flags,
            stream,
            payload,
        })
    }

    /// The frames up to the first that is asked for, or to the end of the connection.
    pub async fn until(&mut self, is_last: impl Fn(&Frame) -> bool) -> Vec<Frame> {
        let mut frames = Vec::new();
        let all = async {
            while let Some(frame) = self.next().await {
                let last = is_last(&frame);
                frames.push(frame);
                if last {
                    break;
                }
            }
        };
        timeout(Duration::from_secs(20), all)
            .await
            .expect("the server says nothing");
        frames
    }

    /// Whether the server has ended the connection, or does so in the given time.
    pub async fn is_ended_within(&mut self, most: Duration) -> bool {
        timeout(most, self.until(|_| false)).await.is_ok()
    }
}

/// The bytes of a frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// The headers of a gRPC call, in HPACK's plainest form.
pub fn call_headers(path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    let usual = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "localhost"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ];
    let is_replaced = |name: &str| more.iter().any(|(other, _)| *other == name);
    let usual = usual.iter().filter(|(name, _)| !is_replaced(name));
    // Names that begin with a colon come before all others.
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    for entry in usual.chain(more) {
        if entry.0.starts_with(':') {
            first.push(entry);
        } else {
            rest.push(entry);
        }
    }
    for (name, value) in first.into_iter().chain(rest) {
        literal(name.as_bytes(), value.as_bytes(), &mut block);
    }
    block
}

/// A header that is neither indexed nor compressed (RFC 7541, 6.2.2).
pub fn literal(name: &[u8], value: &[u8], block: &mut Vec<u8>) {
    block.push(0);
    for text in [name, value] {
        length(text.len(), block);
        block.extend(text);
    }
}

/// A length in a prefix of seven bits (RFC 7541, 5.1).
fn length(length: usize, block: &mut Vec<u8>) {
    if length < 127 {
        block.push(u8::try_from(length).unwrap());
        return;
    }
    block.push(127);
    let mut rest = length - 127;
    while rest > 127 {
        block.push(u8::try_from(rest & 127).unwrap() | 128);
        rest >>= 7;
    }
    block.push(u8::try_from(rest).unwrap());
}

/// A gRPC message in its envelope: the flag, the length, the bytes.
pub fn message(flag: u8, length: u32, bytes: &[u8]) -> Vec<u8> {
    let mut envelope = vec![flag];
    envelope.extend(length.to_be_bytes());
    envelope.extend(bytes);
    envelope
}
