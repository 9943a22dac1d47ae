//! The relay's side of one conversation.

use std::{
    io,
    sync::{Arc, Mutex},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufStream},
    net::TcpStream,
};
use tokio_rustls::TlsAcceptor;

use super::{At, Protection, Received, Reply, State};

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

struct Talk {
    stream: BufStream<Box<dyn Stream>>,
    state: Arc<Mutex<State>>,
    is_private: bool,
    offers_tls: bool,
}

pub(super) async fn talk(
    socket: TcpStream,
    protection: Protection,
    acceptor: TlsAcceptor,
    state: Arc<Mutex<State>>,
) -> io::Result<()> {
    let stream: Box<dyn Stream> = match protection {
        Protection::Tls => Box::new(acceptor.accept(socket).await?),
        Protection::None | Protection::StartTls => Box::new(socket),
    };
    let mut talk = Talk {
        stream: BufStream::new(stream),
        state,
        is_private: protection == Protection::Tls,
        offers_tls: protection == Protection::StartTls,
    };
    talk.answer(At::Greeting, "", "220 relay ready").await?;
    if talk.listen().await? {
        let Talk { stream, state, .. } = talk;
        let private = acceptor.accept(stream.into_inner()).await?;
        let mut talk = Talk {
            stream: BufStream::new(Box::new(private)),
            state,
            is_private: true,
            offers_tls: false,
        };
        talk.listen().await?;
    }
    Ok(())
}

impl Talk {
    /// True when the client asked for TLS.
    async fn listen(&mut self) -> io::Result<bool> {
        let mut to = String::new();
        while let Some(line) = self.hear().await? {
            let word = line
                .split([' ', ':'])
                .next()
                .unwrap_or_default()
                .to_uppercase();
            match word.as_str() {
                "EHLO" => self.greet().await?,
                "STARTTLS" if self.offers_tls => {
                    self.say("220 go ahead").await?;
                    return Ok(true);
                }
                "AUTH" => self.login(&line).await?,
                "MAIL" | "RSET" | "NOOP" => self.say("250 ok").await?,
                "RCPT" => {
                    let address = line.split(['<', '>']).nth(1).unwrap_or_default();
                    address.clone_into(&mut to);
                    self.answer(At::Recipient, &to, "250 ok").await?;
                }
                "DATA" => {
                    self.say("354 go ahead").await?;
                    self.take_in(&to).await?;
                }
                "QUIT" => {
                    self.say("221 bye").await?;
                    return Ok(false);
                }
                _ => self.say("502 not known").await?,
            }
        }
        Ok(false)
    }

    async fn greet(&mut self) -> io::Result<()> {
        let login_only = self.state.lock().unwrap().offers_login_only;
        let auth = if login_only { "LOGIN" } else { "PLAIN LOGIN" };
        if self.offers_tls {
            self.say("250-relay\r\n250 STARTTLS").await
        } else {
            self.say(&format!("250-relay\r\n250 AUTH {auth}")).await
        }
    }

    /// Knows one password, `open sesame`.
    async fn login(&mut self, line: &str) -> io::Result<()> {
        let given = if let Some(words) = line.strip_prefix("AUTH PLAIN ") {
            decode(words).trim_matches('\0').replace('\0', " ")
        } else {
            self.say("334 VXNlcm5hbWU6").await?;
            let name = decode(&self.hear().await?.unwrap_or_default());
            self.say("334 UGFzc3dvcmQ6").await?;
            let word = decode(&self.hear().await?.unwrap_or_default());
            format!("{name} {word}")
        };
        let is_right = given.ends_with("open sesame");
        self.state.lock().unwrap().logins.push(given);
        if is_right {
            self.say("235 welcome").await
        } else {
            self.say("535 5.7.8 wrong credentials").await
        }
    }

    async fn take_in(&mut self, to: &str) -> io::Result<()> {
        let mut data = String::new();
        while let Some(line) = self.hear().await? {
            if line == "." {
                break;
            }
            data.push_str(line.strip_prefix('.').unwrap_or(&line));
            data.push('\n');
        }
        let is_refused = self.state.lock().unwrap().reply(At::Content, to).is_some();
        if !is_refused {
            let letter = Received {
                to: to.to_owned(),
                data,
            };
            self.state.lock().unwrap().letters.push(letter);
        }
        self.answer(At::Content, to, "250 queued").await
    }

    async fn answer(&mut self, at: At, address: &str, yes: &str) -> io::Result<()> {
        let reply = self.state.lock().unwrap().reply(at, address);
        match reply {
            None => self.say(yes).await,
            Some(Reply::Say(line)) => self.say(line).await,
            Some(Reply::Silence) => std::future::pending().await,
        }
    }

    async fn say(&mut self, line: &str) -> io::Result<()> {
        self.stream.write_all(line.as_bytes()).await?;
        self.stream.write_all(b"\r\n").await?;
        self.stream.flush().await
    }

    async fn hear(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.trim_end_matches(['\r', '\n']).to_owned();
        if !self.is_private {
            self.state.lock().unwrap().clear.push(line.clone());
        }
        Ok(Some(line))
    }
}

fn decode(words: &str) -> String {
    let bytes = BASE64_STANDARD.decode(words).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
