//! How to reach a relay.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use lettre::transport::smtp::client::{
    Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use secrecy::SecretString;

use crate::backend::mail::OpenError;

/// How the words to the relay are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// In clear at first, then TLS before anything is said; a relay that does not offer it gets no letter.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// In clear; refused unless the relay is on this machine.
    None,
}

/// A relay and how to talk to it.
#[derive(Clone, Debug)]
pub struct SmtpOptions {
    /// Its name or address; the name must stand in its certificate.
    pub host: String,
    /// Its port: 587 by custom for `StartTls`, 465 for `Tls`.
    pub port: u16,
    /// How the words are protected.
    pub security: Security,
    /// Who we are; with `password`, or neither.
    pub username: Option<String>,
    /// What proves it; said only over the protection above.
    pub password: Option<SecretString>,
    /// PEM certificates to trust in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// The most that one letter may take, from the greeting to the last answer; 10 s by default.
    pub timeout: Duration,
    /// How many idle connections are kept for the next letters; 16 by default.
    pub pool_size: u32,
    /// How we introduce ourselves; this machine's name by default.
    pub hello_name: Option<String>,
}

impl SmtpOptions {
    /// The defaults for the relay at `host` and `port`.
    pub fn new(host: impl Into<String>, port: u16, security: Security) -> Self {
        Self {
            host: host.into(),
            port,
            security,
            username: None,
            password: None,
            ca_file: None,
            timeout: Duration::from_secs(10),
            pool_size: 16,
            hello_name: None,
        }
    }

    pub(super) fn check(&self) -> Result<(), OpenError> {
        if self.security == Security::None && !is_loopback(&self.host) {
            return Err(OpenError::Plaintext {
                host: self.host.clone(),
            });
        }
        if self.username.is_some() != self.password.is_some() {
            return Err(OpenError::Credentials);
        }
        Ok(())
    }

    pub(super) fn tls(&self) -> Result<Option<TlsParameters>, OpenError> {
        if self.security == Security::None {
            return Ok(None);
        }
        let mut tls = TlsParametersBuilder::new(self.host.clone());
        if let Some(path) = &self.ca_file {
            let unreadable = |reason: String| OpenError::Certificates {
                path: path.clone(),
                reason,
            };
            tls = tls.certificate_store(CertificateStore::None);
            for certificate in certificates(path).map_err(unreadable)? {
                tls = tls.add_root_certificate(certificate);
            }
        }
        tls.build()
            .map(Some)
            .map_err(|error| OpenError::Tls(error.to_string()))
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// At least one certificate: a file without any would silently trust nobody.
fn certificates(path: &Path) -> Result<Vec<Certificate>, String> {
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    let certificates = CertificateDer::pem_slice_iter(&pem)
        .map(|der| {
            let der = der.map_err(|error| error.to_string())?;
            Certificate::from_der(der.to_vec()).map_err(|error| error.to_string())
        })
        .collect::<Result<Vec<_>, _>>()?;
    if certificates.is_empty() {
        return Err("it holds none".to_owned());
    }
    Ok(certificates)
}
