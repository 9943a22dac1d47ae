//! Redis: there, and keeping what it is given.

use super::{Patient, clock::Compared, report::Report};
use crate::{
    backend::{
        Kv,
        kv::{Failure, Mode, OpenError, Options, RedisOptions, Server},
    },
    command::serve::open,
};

pub(super) const NAME: &str = "kv";

/// Looks at each master that `kv.urls` lead to, and at its clock.
pub(super) async fn check(patient: &Patient, clocks: &mut Vec<Compared>) -> Report {
    let report = Report::new(NAME);
    let options = match open::kv_options(&patient.settings.kv) {
        Options::Memory => {
            return report.ok("codes and limits are in the memory of the one process");
        }
        Options::Redis(options) => RedisOptions {
            connect_timeout: options.connect_timeout.min(patient.limit),
            ..options
        },
    };
    let servers = match Kv::inspect(&options, &patient.clock).await {
        Ok(servers) => servers,
        Err(failure) => return report.fail(failure.to_string(), advice(&failure)),
    };
    let judge = |report, server: &Server| {
        let name = name(server);
        let report = judge_place(report, server, &name, &options.mode);
        let report = judge_eviction(report, server, &name, options.allow_eviction);
        judge_disk(report, server, &name)
    };
    for server in &servers {
        clocks.extend(server.ahead.map(|ahead| Compared {
            whose: name(server),
            ahead,
        }));
    }
    servers.iter().fold(report, judge)
}

fn name(server: &Server) -> String {
    match &server.address {
        Some(address) => format!("Redis at {address}"),
        None => "Redis".to_owned(),
    }
}

/// Its version, and whether it is what `kv.mode` says.
fn judge_place(report: Report, server: &Server, name: &str, mode: &Mode) -> Report {
    let Some(version) = &server.version else {
        return report.ok(format!("{name} answers, and forbids INFO"));
    };
    let report = report.ok(format!("{name} {version}"));
    let is_clustered = server.mode.as_deref() == Some("cluster");
    if is_clustered && !matches!(mode, Mode::Cluster) {
        return report.fail("it is part of a cluster", "set kv.mode to `cluster`");
    }
    if server.is_master == Some(false) {
        return report.fail(
            "it is a replica and takes no writes",
            "name the master in kv.urls, or the sentinels with kv.mode `sentinel`",
        );
    }
    match (server.replicas, mode) {
        (Some(0), Mode::Sentinel { .. } | Mode::Cluster) => report.warn(
            "no replica could take over from it",
            "give each master a replica with `replicaof`, and see that it can follow",
        ),
        (Some(count), Mode::Sentinel { .. } | Mode::Cluster) => {
            let plural = if count == 1 { "" } else { "s" };
            report.ok(format!("{count} replica{plural}"))
        }
        _ => report,
    }
}

fn judge_eviction(report: Report, server: &Server, name: &str, is_allowed: bool) -> Report {
    match server.eviction.as_deref() {
        Some("noeviction") => report.ok("it evicts nothing"),
        Some(policy) if is_allowed => report.warn(
            format!("{name} may evict live codes and revocations (maxmemory-policy {policy})"),
            "run `CONFIG SET maxmemory-policy noeviction`, put it into redis.conf, and take back kv.allow_eviction",
        ),
        Some(policy) => report.fail(
            format!("{name} may evict live codes and revocations (maxmemory-policy {policy})"),
            "run `CONFIG SET maxmemory-policy noeviction` and put it into redis.conf, or set kv.allow_eviction",
        ),
        None if is_allowed => report.warn(
            "its maxmemory-policy could not be seen",
            "permit INFO to the user of kv.urls, and see yourself that it is noeviction",
        ),
        None => report.fail(
            "its maxmemory-policy could not be seen",
            "permit INFO to the user of kv.urls, or set kv.allow_eviction to go without the check",
        ),
    }
}

/// What is left of its memory after a crash.
fn judge_disk(report: Report, server: &Server, name: &str) -> Report {
    let report = if server.writes == Some(false) {
        report.fail(
            format!("{name} could not write to its disk the last time"),
            "see the log of Redis, and make room on its disk",
        )
    } else {
        report
    };
    let (appends, snapshots) = (server.appends, server.snapshots.as_deref());
    match (appends, server.fsync.as_deref(), snapshots) {
        (Some(true), Some("no"), _) => report.warn(
            "it appends to a file and leaves it to the system when that reaches the disk (appendfsync no)",
            "set `appendfsync everysec` in redis.conf",
        ),
        (Some(true), Some(fsync), _) => {
            report.ok(format!("it appends to a file (appendfsync {fsync})"))
        }
        (Some(true), None, _) => {
            report.ok("it appends to a file; its appendfsync could not be seen, as CONFIG is forbidden")
        }
        (Some(false), _, Some("")) => report.warn(
            "it keeps nothing on disk: codes and limits are gone when it restarts",
            "set `appendonly yes` in redis.conf",
        ),
        (Some(false), _, Some(save)) => report.warn(
            format!("it keeps snapshots alone (save {save}): what came after the last is gone when it crashes"),
            "set `appendonly yes` in redis.conf",
        ),
        (Some(false), _, None) => report.warn(
            "it appends to no file; whether it keeps snapshots could not be seen, as CONFIG is forbidden",
            "switch on persistence by appended file (AOF) where the Redis is managed",
        ),
        (None, ..) => report.warn(
            "whether it keeps anything on disk could not be seen",
            "permit INFO to the user of kv.urls, and see yourself that appendonly is yes",
        ),
    }
}

fn advice(failure: &Failure) -> &'static str {
    match failure {
        Failure::Unreachable(_) => {
            "start Redis and let this machine reach it, or correct kv.urls, kv.mode and kv.ca_file"
        }
        Failure::Refused(OpenError::Credentials(_)) => {
            "correct the user and the password in kv.urls"
        }
        Failure::Refused(OpenError::CaFile { .. }) => "correct kv.ca_file",
        Failure::Refused(OpenError::Prefix(_)) => "correct kv.prefix",
        Failure::Refused(_) => "correct kv.urls and kv.mode as said",
    }
}
