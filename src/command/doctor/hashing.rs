//! What a password costs on this machine.

use std::time::Duration;

use tokio::time::Instant;

use super::{Patient, memory::Memory, report::Report};
use crate::{
    accounts::{
        fields::Password,
        password::{HashOptions, HashPool, Pepper},
    },
    command::serve::open,
};

pub(super) const NAME: &str = "hashing";

/// Longer than anybody likes to wait for a login.
const SLOW: Duration = Duration::from_secs(1);

const CHEAPER: &str = "lower passwords.threads, passwords.memory_kib or passwords.max_memory_kib, or give the service more memory";

/// Hashes once, and holds what all threads take together against what there is.
pub(super) async fn check(patient: &Patient) -> Report {
    let report = Report::new(NAME);
    let options = open::hash_options(&patient.settings.passwords);
    let memory = Memory::read();
    let one = u64::from(options.memory_kib) * 1024;
    if let Err(why) = options.check() {
        return report.fail(why, "correct the section [passwords] as said");
    }
    let report = judge(report, &options, &memory);
    if memory.least().is_some_and(|least| one > least) {
        return report;
    }
    match time_one(patient, options).await {
        Ok(time) => {
            let found = format!("one hash takes {} ms", time.as_millis());
            if time > SLOW {
                report.warn(
                    found,
                    "give the service more of a processor, or lower passwords.memory_kib or passwords.passes",
                )
            } else {
                report.ok(found)
            }
        }
        Err(why) => report.fail(
            why,
            "let this process start threads and take memory, or lower passwords.memory_kib",
        ),
    }
}

fn judge(report: Report, options: &HashOptions, memory: &Memory) -> Report {
    let threads = options.threads as u64;
    // And what the dearest hashes of other systems may have together.
    let foreign = u64::from(options.max_memory_kib) * 1024;
    let own = u64::from(options.memory_kib) * 1024 * threads;
    let all = own.saturating_add(foreign);
    let need = format!(
        "{threads} threads take {} MiB, and stored hashes that are dearer {} MiB more",
        mebibytes(own),
        mebibytes(foreign)
    );
    match (memory.limit, memory.available) {
        (Some(limit), _) if all > limit => report.warn(
            format!("{need}, and the cgroup has {} MiB", mebibytes(limit)),
            CHEAPER,
        ),
        (_, Some(available)) if all > available => report.warn(
            format!("{need}, and {} MiB are free", mebibytes(available)),
            CHEAPER,
        ),
        (limit, available) => {
            let bound = limit.into_iter().chain(available).min();
            report.ok(match bound {
                Some(bound) => format!("{need} of {} MiB", mebibytes(bound)),
                None => need,
            })
        }
    }
}

/// On a thread of its own with memory that is not yet mapped: the dearest that one hash can be.
async fn time_one(patient: &Patient, options: HashOptions) -> Result<Duration, String> {
    let one = HashOptions {
        threads: 1,
        ..options
    };
    let pool = HashPool::start(one, patient.random.clone(), Pepper::none())?;
    let password =
        Password::presented("nobody's password").map_err(|fault| format!("{fault:?}"))?;
    let start = Instant::now();
    let hashed = pool.hash(password, None).await;
    hashed.map_err(|error| error.to_string())?;
    Ok(start.elapsed())
}

const fn mebibytes(bytes: u64) -> u64 {
    bytes.div_ceil(1024 * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_that_take_more_than_there_is_are_told() {
        const MIB: u64 = 1024 * 1024;
        let options = HashOptions {
            threads: 4,
            memory_kib: 19 * 1024,
            max_memory_kib: 24 * 1024,
            ..HashOptions::default()
        };
        let told = |limit: Option<u64>, available: Option<u64>| {
            let memory = Memory { limit, available };
            let report = judge(Report::new(NAME), &options, &memory);
            serde_json::to_value(report).unwrap()
        };
        assert_eq!(told(Some(100 * MIB), None)["status"], "ok");
        assert_eq!(told(None, None)["status"], "ok");
        let over = told(Some(99 * MIB), Some(4096 * MIB));
        assert_eq!(over["status"], "warning");
        assert_eq!(
            over["found"],
            "4 threads take 76 MiB, and stored hashes that are dearer 24 MiB more, and the cgroup has 99 MiB"
        );
        assert_eq!(told(Some(4096 * MIB), Some(99 * MIB))["status"], "warning");
    }
}
