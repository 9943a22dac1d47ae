//! Servers in processes of their own, and what the system says of them.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use tonic::transport::{Channel, Endpoint};

/// Ticks in a second, in which Linux tells the time of a processor to programs.
const TICKS: f64 = 100.0;

/// A server, killed when dropped.
pub(crate) struct Process {
    /// Where it listens.
    pub(crate) address: String,
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Process {
    /// Starts it in a directory, where its log goes to the file `log`, and reads from its first line where it serves.
    pub(crate) fn start(command: Command, directory: &Path) -> Self {
        let mut process = Self::launch(command, directory, String::new());
        let line = process.line();
        let Some((_, address)) = line.split_once(" serves on ") else {
            let log = fs::read_to_string(directory.join("log")).unwrap();
            panic!("it does not start: {line}{log}");
        };
        address.clone_into(&mut process.address);
        process
    }

    /// Starts it without waiting for a word of it.
    pub(crate) fn launch(mut command: Command, directory: &Path, address: String) -> Self {
        let log = File::options()
            .create(true)
            .append(true)
            .open(directory.join("log"));
        let mut child = command
            .current_dir(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.unwrap())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        Self {
            address,
            stdin: child.stdin.take().unwrap(),
            stdout: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }

    /// Tells it something, for servers that listen.
    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.stdin, "{line}").unwrap();
    }

    /// The next line that it prints, waited for.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// How its gRPC is reached.
    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint::from_shared(format!("http://{}", self.address)).unwrap()
    }

    /// Connections of their own.
    pub(crate) async fn channels(&self, count: usize) -> Vec<Channel> {
        let mut channels = Vec::new();
        for _ in 0..count {
            channels.push(self.endpoint().connect().await.unwrap());
        }
        channels
    }

    /// Seconds that it has kept processors busy, for itself and in the kernel.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        cpu_seconds(self.child.id())
    }

    /// `VmRSS` (memory now) or `VmHWM` (its peak), in MiB.
    pub(crate) fn memory(&self, name: &str) -> f64 {
        let text = fs::read_to_string(self.path("status")).unwrap();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        let kib: u32 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        f64::from(kib) / 1024.0
    }

    /// Makes the peak of memory what is taken now.
    pub(crate) fn forget_peak(&self) {
        fs::write(self.path("clear_refs"), "5").unwrap();
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

/// Seconds that a process has kept processors busy.
pub(crate) fn cpu_seconds(id: u32) -> f64 {
    let line = fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    // The name of the program stands in parentheses and may contain anything.
    let (_, numbers) = line.rsplit_once(") ").unwrap();
    let numbers: Vec<&str> = numbers.split(' ').collect();
    let ticks: u32 = numbers[11..13]
        .iter()
        .map(|ticks| ticks.parse::<u32>().unwrap())
        .sum();
    f64::from(ticks) / TICKS
}
