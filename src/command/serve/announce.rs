//! What a person at the terminal is told: where everything is, and what to type next.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
};

use super::{admin::Admin, metrics::Metrics};
use crate::{
    config::{KvKind, MailKind, PictureKind, Settings},
    gateway::serve::Listener,
};

/// Prints where everything is and the next command to type, on standard output.
pub(super) fn print(
    settings: &Settings,
    address: SocketAddr,
    listeners: &[Listener],
    metrics: Option<&Metrics>,
    admin: Option<&Admin>,
) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let data = settings.data_directory.display();
    let realms: Vec<&str> = settings
        .realms
        .values()
        .filter(|realm| realm.enabled)
        .map(|realm| realm.name.as_str())
        .collect();
    writeln!(
        out,
        "accountd {} serves on {address}",
        env!("CARGO_PKG_VERSION")
    )?;
    for listener in listeners {
        let at = listener.address()?;
        for (name, prefix) in listener.dialects() {
            writeln!(out, "  {name:<9} http://{at}{prefix}/docs")?;
        }
    }
    if let Some(metrics) = metrics {
        writeln!(out, "  metrics   http://{}/metrics", metrics.address()?)?;
    }
    if let Some(admin) = admin {
        let file = admin.operators().display();
        writeln!(out, "  operators on {}, those of {file}", admin.address())?;
    }
    if let Some(collector) = &settings.traces.endpoint {
        writeln!(out, "  traces    to {collector}")?;
    }
    writeln!(out, "  realms    {}", realms.join(", "))?;
    writeln!(out, "  data      {data}")?;
    writeln!(out, "  keys      {}", settings.keys_directory().display())?;
    match settings.mail.kind {
        MailKind::File => writeln!(out, "  mails     {data}/mail/*.eml")?,
        MailKind::Smtp => writeln!(
            out,
            "  mails     by {}",
            settings.mail.smtp_host.as_deref().unwrap_or_default()
        )?,
        MailKind::Memory => writeln!(out, "  mails     in memory")?,
    }
    print_pictures(&mut out, settings)?;
    if settings.kv.kind == KvKind::Memory {
        writeln!(
            out,
            "  codes     in this process: they are gone when it ends"
        )?;
    }
    if settings.grpc.reflection && settings.grpc.tls_certificate.is_none() {
        writeln!(out, "Next, register:")?;
        writeln!(
            out,
            "  grpcurl -plaintext -d '{{\"username\": \"ada\", \"email\": \"ada@example.com\", \"password\": \"a long day at sea\"}}' {address} accountd.v1.AccountService/Register"
        )?;
    }
    out.flush()
}

fn print_pictures(out: &mut impl io::Write, settings: &Settings) -> io::Result<()> {
    let bucket = settings.pictures.bucket.as_deref().unwrap_or_default();
    match settings.pictures.kind {
        PictureKind::File => {
            let directory = settings.pictures_directory();
            writeln!(out, "  pictures  {}", directory.display())
        }
        PictureKind::S3 => writeln!(out, "  pictures  in the S3 bucket {bucket}"),
        PictureKind::Gcs => writeln!(out, "  pictures  in the Google bucket {bucket}"),
        PictureKind::Azure => writeln!(out, "  pictures  in the Azure container {bucket}"),
        PictureKind::Memory => writeln!(out, "  pictures  in memory"),
    }
}
