//! accountd with settings of its own, whose commands run and end.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use super::served::DIALECTS;
use tempfile::TempDir;

/// What a run of the binary is given, in a directory of its own.
pub struct Installation {
    /// Where what is broken on purpose is written, if anything is to be.
    faults: Option<PathBuf>,
    directory: TempDir,
    variables: Vec<(String, String)>,
}

/// A running service, killed when dropped.
pub struct Running {
    child: Child,
}

impl Installation {
    /// The embedded default.
    pub fn new() -> Self {
        Self {
            faults: None,
            directory: tempfile::tempdir().unwrap(),
            // The usual ports are for one installation of a machine.
            variables: DIALECTS
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
        }
    }

    /// The same with a setting given by its variable.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// The same by the build that can be broken on purpose, as the file `orders` says.
    pub fn broken_by(mut self, orders: &Path) -> Self {
        self.faults = Some(orders.to_owned());
        self
    }

    /// Where it runs; its data are in `data` below.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Its settings, as variables.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let variables = self.variables.iter();
        variables.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts a command and leaves it running; its output goes to `out` and `err` in its directory.
    pub fn start(&self, arguments: &[&str]) -> Running {
        let file = |name: &str| std::fs::File::create(self.path().join(name)).unwrap();
        let child = self
            .command(arguments)
            .stdout(file("out"))
            .stderr(file("err"))
            .spawn()
            .unwrap();
        Running { child }
    }

    /// Starts the service and waits until it says that it serves.
    pub async fn serve(&self) -> Running {
        let running = self.start(&["serve"]);
        for _ in 0..1200 {
            if self.written("out").contains("serves on") {
                return running;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it does not start: {}", self.written("err"));
    }

    /// What a started command has written to `out` or `err`.
    pub fn written(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap_or_default()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let program = match &self.faults {
            Some(_) => super::binary::built(),
            None => super::binary::path(),
        };
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .env_clear()
            .envs(self.faults.iter().map(|orders| ("TEST_FAULTS", orders)))
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .args(arguments.iter().map(OsStr::new))
            .stdin(Stdio::null());
        command
    }
}

impl Running {
    /// Waits for its end and gives back its exit code.
    pub fn exit_code(&mut self) -> Option<i32> {
        let until = Instant::now() + Duration::from_secs(30);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        panic!("it does not end");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
