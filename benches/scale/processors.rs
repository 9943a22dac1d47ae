//! What PostgreSQL, which is many processes, takes of the processors.

use std::{collections::BTreeMap, fs};

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};

const NANOSECONDS: f64 = 1e9;

/// Seconds that each process of PostgreSQL has kept processors busy.
pub(crate) struct Reading(BTreeMap<String, f64>);

/// The process that all of PostgreSQL's others are children of.
pub(crate) async fn postmaster(db: &DatabaseConnection) -> String {
    let text = "SELECT pg_backend_pid() AS id";
    let statement = Statement::from_string(DbBackend::Postgres, text);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    let backend: i32 = row.try_get("", "id").unwrap();
    parent(&backend.to_string()).unwrap()
}

impl Reading {
    /// Of those that live. Each has one thread, so that the scheduler's own account of it is all of it.
    pub(crate) fn take(postmaster: &str) -> Self {
        let processes = fs::read_dir("/proc").unwrap();
        let names = processes.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let children = names.filter(|name| parent(name).as_deref() == Some(postmaster));
        let times = children.filter_map(|name| Some((busy(&name)?, name)));
        Self(times.map(|(time, name)| (name, time)).collect())
    }

    /// Seconds from an earlier reading to this one. The last work of a process that has ended between is missing.
    pub(crate) fn since(&self, earlier: &Self) -> f64 {
        let spent = self.0.iter().map(|(name, time)| {
            let before = earlier.0.get(name).copied().unwrap_or_default();
            time - before
        });
        spent.sum()
    }
}

fn busy(process: &str) -> Option<f64> {
    let line = fs::read_to_string(format!("/proc/{process}/schedstat")).ok()?;
    let nanoseconds: f64 = line.split(' ').next()?.parse().ok()?;
    Some(nanoseconds / NANOSECONDS)
}

fn parent(process: &str) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("PPid:"))?;
    line.split_whitespace().nth(1).map(str::to_owned)
}
