//! A small mail relay that records what it hears and answers as it was told.

mod conversation;

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use tokio::net::TcpListener;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{PrivateKeyDer, pem::PemObject as _},
    },
};

/// When the relay speaks TLS.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Never, as if somebody on the way had removed the offer.
    None,
    /// After STARTTLS.
    StartTls,
    /// From the first byte.
    Tls,
}

/// What the relay answers instead of yes.
#[derive(Clone, Copy)]
pub(crate) enum Reply {
    /// This line.
    Say(&'static str),
    /// Nothing, with the connection left open.
    Silence,
}

/// Where it does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    Greeting,
    Recipient,
    /// After the letter's last line.
    Content,
}

/// A letter as it arrived.
#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) to: String,
    pub(crate) data: String,
}

/// The relay; it stops with the test's runtime. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Relay {
    pub(crate) port: u16,
    /// The certificate that a client must trust.
    pub(crate) certificate: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    rules: Vec<(At, String, Reply)>,
    letters: Vec<Received>,
    clear: Vec<String>,
    logins: Vec<String>,
    connections: usize,
    offers_login_only: bool,
}

impl Relay {
    /// A relay on loopback with a certificate for `localhost`.
    pub(crate) async fn start(protection: Protection) -> Self {
        Self::start_as(protection, "localhost").await
    }

    /// A relay with a certificate for `name`.
    pub(crate) async fn start_as(protection: Protection, name: &str) -> Self {
        let pair = rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::from_pem_slice(pair.signing_key.serialize_pem().as_bytes());
        let provider = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider();
        let config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![pair.cert.der().clone()], key.expect("a key"))
            .expect("a server's configuration");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let relay = Self {
            port: listener.local_addr().expect("its number").port(),
            certificate: pair.cert.pem(),
            state: Arc::default(),
        };
        let state = Arc::clone(&relay.state);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                state.lock().unwrap().connections += 1;
                let talk =
                    conversation::talk(socket, protection, acceptor.clone(), Arc::clone(&state));
                // A client that hangs up ends its own conversation only.
                tokio::spawn(async move { drop(talk.await) });
            }
        });
        relay
    }

    /// Answers `reply` at `at` to addresses that begin with `address`.
    pub(crate) fn rule(&self, at: At, address: &str, reply: Reply) {
        let rule = (at, address.to_owned(), reply);
        self.state.lock().unwrap().rules.push(rule);
    }

    /// Takes back all rules.
    pub(crate) fn recover(&self) {
        self.state.lock().unwrap().rules.clear();
    }

    /// Offers AUTH LOGIN and no other.
    pub(crate) fn offer_login_only(&self) {
        self.state.lock().unwrap().offers_login_only = true;
    }

    /// The letters accepted, oldest first.
    pub(crate) fn letters(&self) -> Vec<Received> {
        self.state.lock().unwrap().letters.clone()
    }

    /// The letters accepted for one address, oldest first.
    pub(crate) fn letters_to(&self, address: &str) -> Vec<Received> {
        let state = self.state.lock().unwrap();
        let to = |letter: &&Received| letter.to == address;
        state.letters.iter().filter(to).cloned().collect()
    }

    /// The letters accepted, without the first so many.
    pub(crate) fn letters_from(&self, first: usize) -> Vec<Received> {
        self.state.lock().unwrap().letters[first..].to_vec()
    }

    /// What was said outside TLS.
    pub(crate) fn clear(&self) -> Vec<String> {
        self.state.lock().unwrap().clear.clone()
    }

    /// The decoded credentials presented, `name password`.
    pub(crate) fn logins(&self) -> Vec<String> {
        self.state.lock().unwrap().logins.clone()
    }

    /// How many connections were made.
    pub(crate) fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }

    /// Writes the certificate into `directory` and names the file.
    pub(crate) fn trust(&self, directory: &Path) -> std::path::PathBuf {
        let path = directory.join(format!("relay-{}.pem", self.port));
        std::fs::write(&path, &self.certificate).expect("the certificate's file");
        path
    }
}

impl State {
    fn reply(&self, at: At, address: &str) -> Option<Reply> {
        self.rules
            .iter()
            .find(|(where_, prefix, _)| *where_ == at && address.starts_with(prefix.as_str()))
            .map(|(_, _, reply)| *reply)
    }
}
