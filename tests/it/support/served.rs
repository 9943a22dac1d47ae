//! The real binary, in a process of its own with a data directory of its own.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use accountd::proto::{
    RegisterRequest, VerifyOtpRequest, account_service_client::AccountServiceClient,
    verify_otp_request::Subject,
};
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};
use tonic::transport::{Channel, Endpoint};

use super::{
    binary,
    client::PASSWORD,
    mailbox::{self, code_in},
    rest::Rest,
};

/// How long a start may take, on a machine with other things to do.
const START: Duration = Duration::from_mins(1);

/// Free ports for the dialects, whose own are for one installation of a machine.
pub const DIALECTS: [(&str, &str); 5] = [
    ("ACCOUNTD_DIALECTS__SCHOOL__LISTEN", "127.0.0.1:0"),
    ("ACCOUNTD_DIALECTS__CUSTOMER__LISTEN", "127.0.0.1:0"),
    ("ACCOUNTD_DIALECTS__CONTACT__LISTEN", "127.0.0.1:0"),
    ("ACCOUNTD_DIALECTS__PROFILE__LISTEN", "127.0.0.1:0"),
    ("ACCOUNTD_DIALECTS__TWO_STEP__LISTEN", "127.0.0.1:0"),
];

/// A running accountd, killed when dropped.
pub struct Served {
    /// Where it listens.
    pub address: String,
    child: Child,
    directory: Arc<TempDir>,
    /// What it said at its start, up to its realms.
    banner: String,
    // A closed pipe would be a fault to the process.
    _stdout: BufReader<ChildStdout>,
}

impl Served {
    /// Starts it with these variables, on a free port unless they say otherwise.
    pub async fn start(variables: &[(&str, &str)]) -> Self {
        Self::start_by(Command::new(binary::path()), variables).await
    }

    /// Starts it by another command, which must run it in its own process.
    pub async fn start_by(command: Command, variables: &[(&str, &str)]) -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        Self::start_in(directory, command, variables).await
    }

    /// Starts it in a directory that may have been served from before. The log goes on where it ended.
    pub async fn start_in(
        directory: Arc<TempDir>,
        command: Command,
        variables: &[(&str, &str)],
    ) -> Self {
        let mut child = spawn(command, directory.path(), variables);
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let reading = tokio::task::spawn_blocking(move || {
            let mut banner = String::new();
            while stdout.read_line(&mut banner).unwrap() > 0 && !banner.contains("\n  realms ") {}
            (banner, stdout)
        });
        let (banner, stdout) = timeout(START, reading)
            .await
            .expect("a first line")
            .unwrap();
        let log = || fs::read_to_string(directory.path().join("stderr")).unwrap();
        let line = banner.lines().next().unwrap_or_default();
        let address = line.rsplit(' ').next().unwrap_or_default().to_owned();
        assert!(
            line.contains(" serves on "),
            "it does not start: {line}{}",
            log()
        );
        Self {
            address,
            child,
            directory,
            banner,
            _stdout: stdout,
        }
    }

    /// Starts it with variables under which it must not start; what it says of that.
    pub async fn refusal(directory: &Path, variables: &[(&str, &str)]) -> String {
        let _ = fs::remove_file(directory.join("stderr"));
        let mut child = spawn(Command::new(binary::path()), directory, variables);
        let end = Instant::now() + START;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > end {
                child.kill().unwrap();
                panic!("it starts, and should not");
            }
            sleep(Duration::from_millis(20)).await;
        };
        assert!(!status.success(), "it ends as if all were well");
        fs::read_to_string(directory.join("stderr")).unwrap()
    }

    /// Where a dialect listens.
    pub fn dialect(&self, name: &str) -> SocketAddr {
        let mut lines = self.banner.lines();
        let line = lines.find(|line| line.trim_start().starts_with(name));
        let (_, page) = line.unwrap().split_once("http://").unwrap();
        page.trim_end_matches("/docs").parse().unwrap()
    }

    /// Where metrics are told, if they are.
    pub fn metrics(&self) -> Option<SocketAddr> {
        let mut lines = self.banner.lines();
        let line = lines.find(|line| line.trim_start().starts_with("metrics "))?;
        let (_, page) = line.split_once("http://")?;
        page.trim_end_matches("/metrics").parse().ok()
    }

    /// A front end that speaks a dialect.
    pub fn rest(&self, dialect: &str) -> Rest {
        Rest::new(self.dialect(dialect))
    }

    /// A connection of its own.
    pub async fn channel(&self) -> Channel {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.address)).unwrap();
        endpoint.connect().await.unwrap()
    }

    /// A generated client on a connection of its own.
    pub async fn client(&self) -> AccountServiceClient<Channel> {
        AccountServiceClient::new(self.channel().await)
    }

    /// Registers and activates somebody, and gives the access token.
    pub async fn joined(&self, name: &str) -> String {
        let mut rpc = self.client().await;
        let address = format!("{name}@example.com");
        let message = RegisterRequest {
            username: name.to_owned(),
            email: address.clone(),
            password: PASSWORD.to_owned(),
            ..RegisterRequest::default()
        };
        let account = rpc.register(message).await.unwrap().into_inner().account;
        let message = VerifyOtpRequest {
            subject: Some(Subject::AccountId(account.unwrap().id)),
            code: self.code_for(&address, 1).await,
            ..VerifyOtpRequest::default()
        };
        let activated = rpc.verify_otp(message).await.unwrap().into_inner();
        activated.tokens.unwrap().access_token
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where it keeps its data.
    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("stderr")).unwrap()
    }

    /// The mails that it has written so far, oldest first.
    pub fn mails(&self) -> Vec<String> {
        mailbox::read(&self.data().join("mail"))
    }

    /// The code in the newest of so many mails to the address, once they are there.
    pub async fn code_for(&self, address: &str, count: usize) -> String {
        let end = Instant::now() + START;
        while Instant::now() < end {
            let mails = self.mails();
            let to = mails.iter().filter(|mail| mail.contains(address));
            let codes: Vec<String> = to.filter_map(|mail| code_in(mail)).collect();
            if let Some(code) = codes.get(count - 1) {
                return code.clone();
            }
            sleep(Duration::from_millis(25)).await;
        }
        panic!("no {count} codes for {address}: {:?}", self.mails());
    }

    /// Sends it a signal by name.
    pub fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let status = Command::new("kill")
            .args(["-s", name, &id])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    pub async fn ended(&mut self, most: Duration) -> ExitStatus {
        let end = Instant::now() + most;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("it has not ended within {most:?}: {}", self.log());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(mut command: Command, directory: &Path, variables: &[(&str, &str)]) -> Child {
    let log = File::options()
        .create(true)
        .append(true)
        .open(directory.join("stderr"));
    command
        .current_dir(directory)
        .env("ACCOUNTD_DATA_DIRECTORY", directory.join("data"))
        .env("ACCOUNTD_GRPC__LISTEN", "127.0.0.1:0")
        .envs(DIALECTS)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log.unwrap())
        .spawn()
        .unwrap()
}
