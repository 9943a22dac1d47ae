//! Contradictions of the listener of metrics with the others.

use super::{Settings, findings::Findings};

pub(super) fn check(settings: &Settings, found: &mut Findings) {
    let Some(listen) = settings.metrics.listen else {
        return;
    };
    let dialects = settings.served_dialects();
    let others = std::iter::once(("grpc", settings.grpc.listen))
        .chain(dialects.map(|(name, dialect)| (name, dialect.listen)));
    for (name, _) in others.filter(|(_, other)| listen.port() != 0 && other.port() == listen.port())
    {
        found.refuse(
            "metrics.listen",
            format!("has the port of {name}; take another"),
        );
    }
    if !listen.ip().is_loopback() {
        found.warn(
            "metrics.listen",
            "is open to other machines without TLS or password; see that the monitoring alone can reach it",
        );
    }
}
