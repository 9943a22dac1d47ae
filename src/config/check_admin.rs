//! Contradictions of the listener of operators, with itself and with the others.

use super::{Settings, check_tls::Tls, findings::Findings};

pub(super) fn check(settings: &Settings, found: &mut Findings) {
    let admin = &settings.admin;
    let tls = Tls {
        section: "admin",
        certificate: admin.tls_certificate.as_ref(),
        key: admin.tls_key.as_ref(),
        client_ca: admin.client_ca.as_ref(),
    };
    tls.check(found);
    if admin.stream_deadline.is_zero() {
        found.refuse("admin.stream_deadline", "must be longer than 0");
    }
    let Some(listen) = admin.listen else {
        return;
    };
    if !tls.is_on() && !listen.ip().is_loopback() {
        found.refuse(
            "admin.listen",
            "is open to other machines without TLS, and operators' tokens with it; set tls_certificate, or listen on loopback",
        );
    }
    let metrics = settings.metrics.listen.map(|listen| ("metrics", listen));
    let dialects = settings
        .served_dialects()
        .map(|(name, dialect)| (name, dialect.listen));
    let others = std::iter::once(("grpc", settings.grpc.listen))
        .chain(metrics)
        .chain(dialects);
    for (name, _) in others.filter(|(_, other)| listen.port() != 0 && other.port() == listen.port())
    {
        found.refuse(
            "admin.listen",
            format!("has the port of {name}; take another"),
        );
    }
}
