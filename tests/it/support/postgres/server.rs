//! The server itself: started in a directory of its own, and gone with whoever started it.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// Starts the server and ends it when standard input closes, which it does however the test process dies.
const GUARD: &str = r#"trap '' INT TERM HUP; "$@" & server=$!; read -r _; kill -QUIT $server; wait $server; rm -rf "$DATA""#;

/// A running server on a free loopback port, ended and removed when dropped.
pub struct Server {
    port: u16,
    // Held so that the guard's standard input stays open as long as this process lives.
    _guard: Child,
}

impl Server {
    /// Starts it with further `settings`, each as `name=value`.
    ///
    /// # Panics
    /// When PostgreSQL is missing.
    pub fn start(settings: &[&str]) -> Self {
        let data = data_directory();
        let owner = fs::metadata(&data).expect("data directory").uid();
        let postgres = (owner == 0).then(|| give_away(&data));
        run(as_owner(postgres, &binary("initdb"))
            .arg("--pgdata")
            .arg(&data)
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
            .args(["--locale=C", "--no-sync", "--no-instructions"])
            .current_dir(&data));
        let port = free_port();
        let server = as_owner(postgres, &binary("postgres"));
        let log = fs::File::create(data.join("log")).expect("a log for PostgreSQL");
        let guard = Command::new("sh")
            .args(["-c", GUARD, "sh"])
            .arg(server.get_program())
            .args(server.get_args())
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses=127.0.0.1"])
            .args(["-c", &format!("port={port}")])
            .args(["-c", "unix_socket_directories="])
            .args(["-c", "max_connections=200"])
            .args(settings.iter().flat_map(|setting| ["-c", setting]))
            .env("DATA", &data)
            .current_dir(&data)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("a log for PostgreSQL"))
            .stderr(log)
            .spawn()
            .expect("sh");
        Self {
            port,
            _guard: guard,
        }
    }

    /// The URL of its superuser, without a database's name. It may refuse at first.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }
}

fn data_directory() -> PathBuf {
    let data = tempfile::Builder::new()
        .prefix("accountd-postgres-")
        .tempdir()
        .expect("a directory for PostgreSQL")
        .keep();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).expect("permissions");
    data
}

/// PostgreSQL refuses to run as root, so root hands the directory to the user `postgres`.
fn give_away(data: &Path) -> u32 {
    let id = Command::new("id")
        .args(["-u", "postgres"])
        .output()
        .expect("id");
    let uid = String::from_utf8_lossy(&id.stdout).trim().parse().ok();
    let uid = uid.unwrap_or_else(|| panic!("tests run as root need the user `postgres`"));
    chown(data, Some(uid), None).expect("chown");
    uid
}

fn as_owner(postgres: Option<u32>, binary: &Path) -> Command {
    if postgres.is_none() {
        return Command::new(binary);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
        .arg(binary);
    command
}

fn run(command: &mut Command) {
    let output = command.output().expect("a command of PostgreSQL");
    assert!(
        output.status.success(),
        "{command:?} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// From `PATH`, else the newest of Debian's directories.
#[expect(
    clippy::disallowed_methods,
    reason = "where programs are can only be said by the environment"
)]
pub fn binary(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .collect();
    debian.sort();
    std::env::split_paths(&path)
        .chain(debian.into_iter().rev())
        .map(|directory| directory.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| {
            panic!(
                "`{name}` of PostgreSQL is neither in PATH nor in /usr/lib/postgresql: install PostgreSQL, \
                 or set TEST_POSTGRES_URL to the URL of a superuser on a server for tests"
            )
        })
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its number").port()
}
