//! The files of TLS, of whichever listener.

use std::path::PathBuf;

use super::{check_outside::readable, findings::Findings, secret};

/// What a section says of its TLS.
pub(super) struct Tls<'a> {
    pub(super) section: &'static str,
    pub(super) certificate: Option<&'a PathBuf>,
    pub(super) key: Option<&'a PathBuf>,
    pub(super) client_ca: Option<&'a PathBuf>,
}

impl Tls<'_> {
    /// Whether the listener speaks TLS.
    pub(super) const fn is_on(&self) -> bool {
        self.certificate.is_some() && self.key.is_some()
    }

    /// Refuses what lacks its other half, and files that cannot be read or that others can.
    pub(super) fn check(&self, found: &mut Findings) {
        let name = |key: &str| format!("{}.{key}", self.section);
        match (self.certificate, self.key) {
            (Some(_), None) => found.refuse(name("tls_key"), "is missing beside tls_certificate"),
            (None, Some(_)) => found.refuse(name("tls_certificate"), "is missing beside tls_key"),
            (None, None) if self.client_ca.is_some() => {
                found.refuse(name("client_ca"), "needs tls_certificate and tls_key");
            }
            _ => {}
        }
        readable(found, &name("tls_certificate"), self.certificate);
        readable(found, &name("client_ca"), self.client_ca);
        if let Some(Err(fault)) = self.key.map(|key| secret::only_owners(key)) {
            found.refuse(name("tls_key"), fault);
        }
    }
}
