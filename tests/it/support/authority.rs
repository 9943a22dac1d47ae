//! Certificates for a server and a client, as files.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;
use tonic::transport::Identity;

/// An authority with one certificate for the server and one for a client: `ca.crt`, `server.crt`, `server.key`, `client.crt`
/// and `client.key`.
pub struct Authority {
    directory: TempDir,
    pub root: String,
    pub client: Identity,
}

/// A new one. The server is called `localhost`.
pub fn authority() -> Authority {
    let directory = tempfile::tempdir().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // With a name of its own: OpenSSL takes a certificate for self-signed whose issuer has its name.
    params
        .distinguished_name
        .push(DnType::CommonName, "an authority for tests");
    let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let issue = |name: &str, file: &str| {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &root).unwrap().pem();
        let key = key.serialize_pem();
        let path = |extension: &str| directory.path().join(format!("{file}.{extension}"));
        write(&path("crt"), &certificate, 0o644);
        write(&path("key"), &key, 0o600);
        Identity::from_pem(certificate, key)
    };
    issue("localhost", "server");
    let client = issue("gateway", "client");
    write(&directory.path().join("ca.crt"), &root.pem(), 0o644);
    let root = root.pem();
    Authority {
        directory,
        root,
        client,
    }
}

impl Authority {
    /// The path of one of its files.
    pub fn file(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }
}

/// Writes a file with that mode.
pub fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
