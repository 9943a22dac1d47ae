//! accountd as it is shipped, in a process of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use accountd::{
    backend::{Clock, Random},
    config::Settings,
    keys::Keys,
};
use serde_json::Value;
use tempfile::TempDir;

use super::{engines::Engines, process::Process};

/// Free ports, since the usual ones are for one installation of a machine.
const PORTS: [(&str, &str); 6] = [
    ("ACCOUNTD_GRPC__LISTEN", "127.0.0.1:0"),
    ("ACCOUNTD_DIALECTS__SCHOOL__LISTEN", "127.0.0.1:0"),
    ("ACCOUNTD_DIALECTS__CUSTOMER__LISTEN", "127.0.0.1:0"),
    ("ACCOUNTD_DIALECTS__CONTACT__LISTEN", "127.0.0.1:0"),
    ("ACCOUNTD_DIALECTS__PROFILE__LISTEN", "127.0.0.1:0"),
    ("ACCOUNTD_DIALECTS__TWO_STEP__LISTEN", "127.0.0.1:0"),
];
/// Settings that keep limits out of the way: a bench is one address that calls without a pause. And on a machine with
/// other things to do, a second may not be enough to decode a picture.
const PATIENT: [(&str, &str); 5] = [
    ("ACCOUNTD_LIMITS__ADDRESS_BURST", "0"),
    ("ACCOUNTD_LIMITS__REALM_BURST", "0"),
    ("ACCOUNTD_LIMITS__PICTURE_BURST", "0"),
    ("ACCOUNTD_PICTURES__DECODE_TIME", "30s"),
    ("ACCOUNTD_PICTURES__MAX_PER_ACCOUNT", "1000"),
];

/// What a build for tests says in its log. It is not what is measured here.
const FOR_TESTS: &str = "built for tests";

/// A running accountd with a data directory of its own.
pub(crate) struct Accountd {
    pub(crate) process: Process,
    directory: TempDir,
}

/// One on a PostgreSQL and a Redis of its own.
pub(crate) struct Production {
    pub(crate) server: Accountd,
    pub(crate) engines: Engines,
    /// The URL of its database.
    pub(crate) database: String,
}

impl Production {
    pub(crate) async fn start(binary: &Path) -> Self {
        Self::start_with(binary, &[]).await
    }

    /// The same with other settings.
    pub(crate) async fn start_with(binary: &Path, settings: &[(&str, &str)]) -> Self {
        let engines = Engines::start().await;
        let database = engines.database("limits").await;
        let settings = [&engines.settings(&database), settings].concat();
        Self {
            server: Accountd::start(binary, &settings),
            engines,
            database,
        }
    }
}

impl Accountd {
    /// Starts it with an empty data directory, no limits in the way, and these settings.
    pub(crate) fn start(binary: &Path, settings: &[(&str, &str)]) -> Self {
        Self::with(binary, &[&PATIENT, settings].concat())
    }

    /// Starts it with an empty data directory and all that can be configured as it is by default.
    pub(crate) fn untouched(binary: &Path) -> Self {
        Self::with(binary, &[])
    }

    fn with(binary: &Path, settings: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut command = command(binary, directory.path());
        command.envs(settings.iter().copied());
        let process = Process::start(command, directory.path());
        let log = fs::read_to_string(directory.path().join("log")).unwrap();
        assert!(!log.contains(FOR_TESTS), "{}: {log}", binary.display());
        Self { process, directory }
    }

    /// Where a dialect listens, as it says after its first line.
    pub(crate) fn dialect(&mut self, name: &str) -> String {
        loop {
            let line = self.process.line();
            assert!(!line.is_empty(), "{name} is not served");
            if line.trim_start().starts_with(name) {
                let (_, page) = line.split_once("http://").unwrap();
                return page.trim_end_matches("/docs").to_owned();
            }
        }
    }

    /// Where it keeps its files.
    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Where it puts its mails.
    pub(crate) fn mails(&self) -> PathBuf {
        self.data().join("mail")
    }

    /// The keys that it signs with.
    pub(crate) fn keys(&self) -> Keys {
        let directory = self.directory.path().join("data/keys");
        let delay = Settings::embedded().keys.activation_delay;
        Keys::load(&directory, delay, Clock::System, Random::System).unwrap()
    }
}

/// The command that serves on free ports with a data directory in `directory`, and with no setting of whoever runs the
/// bench.
pub(crate) fn command(binary: &Path, directory: &Path) -> Command {
    let mut command = Command::new(binary);
    command
        .env_clear()
        .envs(PORTS)
        .env("ACCOUNTD_DATA_DIRECTORY", directory.join("data"));
    command
}

/// Builds what is shipped, and tells where it lies. The binary that cargo makes for benches has the faults of tests.
pub(crate) fn build() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--release", "--bin", "accountd"])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "accountd cannot be built");
    let lines = String::from_utf8(output.stdout).unwrap();
    let mut messages = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let binary = messages.find_map(|message| {
        let is_ours = message["target"]["name"] == "accountd";
        let path = message["executable"].as_str().filter(|_| is_ours)?;
        Some(PathBuf::from(path))
    });
    binary.expect("cargo tells of no binary")
}
