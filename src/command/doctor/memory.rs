//! How much memory this process may take, as Linux tells it.

use std::{fs, path::Path};

/// Where control groups are mounted.
const GROUPS: &str = "/sys/fs/cgroup";

/// Bytes; `None` where nothing tells, or there is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    /// The lowest limit of the control groups that this process is in.
    pub(super) limit: Option<u64>,
    /// What the machine could give.
    pub(super) available: Option<u64>,
}

impl Memory {
    /// As it is now.
    pub(super) fn read() -> Self {
        let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let machine = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        Self {
            limit: limit(Path::new(GROUPS), &groups),
            available: available(&machine),
        }
    }

    /// The lower of both.
    pub(super) fn least(&self) -> Option<u64> {
        self.limit.into_iter().chain(self.available).min()
    }
}

/// The lowest limit on the way from the group up to the mount: of version 2, or of version 1's memory controller.
fn limit(mount: &Path, groups: &str) -> Option<u64> {
    let limits = groups.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) = (parts.next()?, parts.next()?);
        let (mount, file) = match controllers {
            "" => (mount.to_owned(), "memory.max"),
            "memory" => (mount.join("memory"), "memory.limit_in_bytes"),
            _ => return None,
        };
        let group = mount.join(path.trim_start_matches('/'));
        // In a container, the path may be that of the host, and the mount is the group itself.
        let groups: Vec<_> = group
            .ancestors()
            .take_while(|group| group.starts_with(&mount))
            .filter_map(|group| {
                fs::read_to_string(group.join(file))
                    .ok()?
                    .trim()
                    .parse()
                    .ok()
            })
            .collect();
        groups.into_iter().min()
    });
    // Version 1 says "no limit" by a number near the end of its range.
    limits.filter(|limit| *limit < 1 << 60).min()
}

fn available(machine: &str) -> Option<u64> {
    let line = machine
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_limit_on_the_way_up_counts() {
        let mount = tempfile::tempdir().unwrap();
        let slice = mount.path().join("system.slice");
        fs::create_dir_all(slice.join("accountd.service")).unwrap();
        fs::write(slice.join("memory.max"), "1048576\n").unwrap();
        fs::write(slice.join("accountd.service/memory.max"), "max\n").unwrap();
        let groups = "0::/system.slice/accountd.service\n";
        assert_eq!(limit(mount.path(), groups), Some(1_048_576));
        assert_eq!(limit(mount.path(), "0::/\n"), None);
        let old = mount.path().join("memory");
        fs::create_dir_all(&old).unwrap();
        fs::write(old.join("memory.limit_in_bytes"), "9223372036854771712\n").unwrap();
        assert_eq!(limit(mount.path(), "4:memory:/docker/1\n"), None);
        fs::write(old.join("memory.limit_in_bytes"), "2097152\n").unwrap();
        assert_eq!(limit(mount.path(), "4:memory:/docker/1\n"), Some(2_097_152));
    }

    #[test]
    fn what_the_machine_could_give_is_read_in_bytes() {
        let machine = "MemTotal:  24684028 kB\nMemAvailable:   23081000 kB\n";
        assert_eq!(available(machine), Some(23_081_000 * 1024));
        assert_eq!(available(""), None);
    }
}
