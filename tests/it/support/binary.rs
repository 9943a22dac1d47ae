//! accountd as a process of its own: what an operator runs.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use tempfile::TempDir;

use super::served::DIALECTS;

/// Names another binary than the one that cargo built beside the tests, such as the release.
const VARIABLE: &str = "TEST_BINARY";
/// Names the binary of the version that this one is to share its stores with.
const OTHER: &str = "TEST_OTHER_BINARY";

/// A running accountd with a directory of its own, stopped when dropped.
pub struct Binary {
    child: Child,
    directory: TempDir,
    address: String,
    // Held, since the service ends when it cannot print.
    _stdout: BufReader<ChildStdout>,
}

impl Binary {
    /// One on free ports, which knows that the machine may be busy.
    pub fn start() -> Self {
        let own = [
            ("ACCOUNTD_GRPC__LISTEN", "127.0.0.1:0"),
            ("ACCOUNTD_PICTURES__DECODE_TIME", "1m"),
        ];
        Self::start_with(&[&own[..], &DIALECTS[..]].concat())
    }

    /// One that is told nothing but these variables.
    pub fn start_with(environment: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let log = std::fs::File::create(directory.path().join("log")).unwrap();
        let mut child = Command::new(path())
            .current_dir(&directory)
            .env_clear()
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut banner = String::new();
        stdout.read_line(&mut banner).unwrap();
        let mut binary = Self {
            child,
            directory,
            address: String::new(),
            _stdout: stdout,
        };
        let (_, address) = banner
            .trim_end()
            .split_once(" serves on ")
            .unwrap_or_else(|| panic!("accountd does not start, but says {banner:?}"));
        address.clone_into(&mut binary.address);
        binary
    }

    /// Where it listens: host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Where it was started, and keeps its data.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.directory().join("log"));
            println!("the log of accountd:\n{}", log.unwrap_or_default());
        }
    }
}

/// The binary that cargo built beside the tests, with all that tests switch on.
pub fn built() -> PathBuf {
    root().join(env!("CARGO_BIN_EXE_accountd"))
}

/// The binary under test.
#[expect(
    clippy::disallowed_methods,
    reason = "which build is meant can only be said by the environment"
)]
pub fn path() -> PathBuf {
    let path = std::env::var_os(VARIABLE).unwrap_or_else(|| env!("CARGO_BIN_EXE_accountd").into());
    root().join(path)
}

/// The binary of the other version; none where this version is to stand in for it.
#[expect(
    clippy::disallowed_methods,
    reason = "which build is meant can only be said by the environment"
)]
pub fn other() -> Option<PathBuf> {
    std::env::var_os(OTHER).map(|path| root().join(path))
}

/// A program or a package, by its path in the directory that `scripts/prepare` fills.
pub fn tool(name: &str) -> PathBuf {
    let path = root().join("target/tools").join(name);
    assert!(
        path.exists(),
        "{} is missing: run `scripts/test`, which installs what the tests need, or `scripts/prepare` alone",
        path.display()
    );
    path
}

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
