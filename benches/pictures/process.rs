//! Servers in processes of their own, and what the system says of them.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use tempfile::TempDir;

use crate::reference::{self, Work};

/// Ticks in a second, in which Linux tells the time of a processor to programs.
const TICKS: f64 = 100.0;

/// Settings that keep limits out of the way: on a machine with other things to do, a second may not be enough to
/// decode a picture.
const SETTINGS: [(&str, &str); 6] = [
    ("ACCOUNTD_GRPC__LISTEN", "127.0.0.1:0"),
    ("ACCOUNTD_LIMITS__ADDRESS_BURST", "0"),
    ("ACCOUNTD_LIMITS__REALM_BURST", "0"),
    ("ACCOUNTD_LIMITS__PICTURE_BURST", "0"),
    ("ACCOUNTD_PICTURES__DECODE_TIME", "30s"),
    ("ACCOUNTD_PICTURES__MAX_PER_ACCOUNT", "1000"),
];

/// A server, killed when dropped.
pub(crate) struct Process {
    /// Where it listens.
    pub(crate) address: String,
    child: Child,
    directory: TempDir,
    // A closed pipe would be a fault to it.
    _stdout: BufReader<ChildStdout>,
}

impl Process {
    /// The release, with an empty data directory.
    pub(crate) fn accountd() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_accountd"));
        command.envs(SETTINGS);
        Self::start(command)
    }

    /// The reference, which sends that file to whoever asks.
    pub(crate) fn reference(work: Work, file: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args([reference::COMMAND, &work.to_string()])
            .arg(file);
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let log = File::create(directory.path().join("log")).unwrap();
        let mut child = command
            .current_dir(&directory)
            .env("ACCOUNTD_DATA_DIRECTORY", directory.path().join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let (_, address) = line.trim_end().split_once(" serves on ").unwrap();
        Self {
            address: address.to_owned(),
            child,
            directory,
            _stdout: stdout,
        }
    }

    /// Where it puts its mails.
    pub(crate) fn mails(&self) -> PathBuf {
        self.directory.path().join("data/mail")
    }

    /// Seconds that it has kept processors busy, for itself and in the kernel.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        let line = self.tell("stat");
        // The name of the program stands in parentheses and may contain anything.
        let (_, numbers) = line.rsplit_once(") ").unwrap();
        let numbers: Vec<&str> = numbers.split(' ').collect();
        let ticks: u32 = numbers[11..13]
            .iter()
            .map(|ticks| ticks.parse::<u32>().unwrap())
            .sum();
        f64::from(ticks) / TICKS
    }

    /// `VmRSS` (memory now) or `VmHWM` (its peak), in MiB.
    pub(crate) fn memory(&self, name: &str) -> f64 {
        let text = self.tell("status");
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        let kib: u32 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        f64::from(kib) / 1024.0
    }

    /// Makes the peak of memory what is taken now.
    pub(crate) fn forget_peak(&self) {
        fs::write(self.path("clear_refs"), "5").unwrap();
    }

    fn tell(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{name}", self.child.id()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
