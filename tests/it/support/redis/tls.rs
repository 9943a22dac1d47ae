//! A Redis that speaks TLS, under an authority of its own.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

use super::{Server, free_port};

/// A server with a certificate for `localhost`.
pub struct Secured {
    _server: Server,
    files: TempDir,
    port: u16,
}

impl Secured {
    /// A server that speaks TLS on a port of its own.
    pub async fn start() -> Self {
        // Several tests do this; the first one wins.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let files = TempDir::new().unwrap();
        write_certificates(files.path());
        let port = free_port();
        let file = |name: &str| files.path().join(name).display().to_string();
        let server = Server::start_with(&[
            "--tls-port",
            &port.to_string(),
            "--tls-cert-file",
            &file("server.pem"),
            "--tls-key-file",
            &file("server.key"),
            "--tls-ca-cert-file",
            &file("ca.pem"),
            "--tls-auth-clients",
            "no",
        ])
        .await;
        Self {
            _server: server,
            files,
            port,
        }
    }

    /// Its TLS address at `host`.
    pub fn url(&self, host: &str) -> String {
        format!("rediss://{host}:{}", self.port)
    }

    /// The certificate of its authority.
    pub fn ca_file(&self) -> PathBuf {
        self.files.path().join("ca.pem")
    }
}

/// Writes the certificate of an authority, and that of a server which it vouches for, into `dir`.
fn write_certificates(dir: &Path) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = authority.self_signed(&authority_key).unwrap();
    std::fs::write(dir.join("ca.pem"), certificate.pem()).unwrap();

    let server_key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let certificate = server.signed_by(&server_key, &issuer).unwrap();
    std::fs::write(dir.join("server.pem"), certificate.pem()).unwrap();
    std::fs::write(dir.join("server.key"), server_key.serialize_pem()).unwrap();
}
