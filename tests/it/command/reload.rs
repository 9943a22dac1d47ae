//! The configuration, changed under a service that runs.

mod realms;

use std::{fs, path::PathBuf, process::Command, sync::Arc};

use accountd::proto::{LoginRequest, LoginResponse, login_request::Identifier};
use tonic::{Response, Status};

use crate::support::{binary, client::reason, served::Served};

/// A service with a configuration file.
struct Configured {
    served: Served,
    file: PathBuf,
}

impl Configured {
    async fn start(text: &str) -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let file = directory.path().join("accountd.toml");
        fs::write(&file, text).unwrap();
        let mut command = Command::new(binary::path());
        command.arg("--config").arg(&file);
        let variables = [("ACCOUNTD_METRICS__LISTEN", "127.0.0.1:0")];
        let served = Served::start_in(directory, command, &variables).await;
        Self { served, file }
    }

    /// Writes the file and asks for it to be read.
    fn change(&self, text: &str) {
        fs::write(&self.file, text).unwrap();
        self.served.signal("HUP");
    }

    /// Waits until so many readings have had that outcome.
    async fn has(&self, outcome: &str, count: f64) {
        let name = format!("accountd_config_reloads_total{{outcome=\"{outcome}\"}}");
        self.served.page_with(&name, count).await;
    }

    /// The lines of the log that have all these words.
    fn told(&self, words: &[&str]) -> usize {
        let log = self.served.log();
        let is_it = |line: &&str| words.iter().all(|word| line.contains(word));
        log.lines().filter(is_it).count()
    }

    async fn login(&self) -> Result<Response<LoginResponse>, Status> {
        let message = LoginRequest {
            identifier: Some(Identifier::Username("nobody".to_owned())),
            password: "a long day at sea".to_owned(),
            ..LoginRequest::default()
        };
        self.served.client().await.login(message).await
    }

    /// Why a login is refused, which it always is: nobody has joined.
    async fn refusal(&self) -> String {
        reason(&self.login().await.unwrap_err())
    }
}

const OPEN: &str = "[limits]\naddress_burst = 0\n";
const CLOSED: &str = "[limits]\naddress_burst = 1\naddress_period = \"1h\"\n";

#[tokio::test]
async fn limits_act_at_once_on_sighup() {
    let accountd = Configured::start(OPEN).await;
    for _ in 0..3 {
        assert_eq!(accountd.refusal().await, "INVALID_CREDENTIALS");
    }
    accountd.change(CLOSED);
    accountd.has("applied", 1.0).await;
    assert_eq!(accountd.refusal().await, "INVALID_CREDENTIALS");
    assert_eq!(accountd.refusal().await, "RATE_LIMITED");
    accountd.change(OPEN);
    accountd.has("applied", 2.0).await;
    assert_eq!(accountd.refusal().await, "INVALID_CREDENTIALS");
    let told = ["limits.address_burst", "old=\"0\"", "new=\"1\""];
    assert_eq!(accountd.told(&told), 1, "{}", accountd.served.log());
    accountd.served.signal("HUP");
    accountd.has("unchanged", 1.0).await;
}

#[tokio::test]
async fn a_file_that_is_swapped_is_read_without_a_signal() {
    let accountd = Configured::start(OPEN).await;
    // As Kubernetes does: the name is a link, and another file comes to stand behind it.
    let other = accountd.file.with_extension("next");
    let link = accountd.file.with_extension("link");
    fs::write(&other, CLOSED).unwrap();
    std::os::unix::fs::symlink(&other, &link).unwrap();
    fs::rename(&link, &accountd.file).unwrap();
    accountd.has("applied", 1.0).await;
    assert_eq!(accountd.refusal().await, "INVALID_CREDENTIALS");
    assert_eq!(accountd.refusal().await, "RATE_LIMITED");
}

#[tokio::test]
async fn the_level_of_the_log_follows() {
    let accountd = Configured::start("").await;
    accountd.login().await.unwrap_err();
    assert_eq!(accountd.told(&["DEBUG"]), 0);
    accountd.change("[log]\nlevel = \"debug\"\n");
    accountd.has("applied", 1.0).await;
    accountd.login().await.unwrap_err();
    assert!(accountd.told(&["DEBUG"]) > 0, "{}", accountd.served.log());
    accountd.change("[log]\nlevel = \"error\"\n");
    accountd.has("applied", 2.0).await;
    let lines = accountd.served.log().lines().count();
    accountd.login().await.unwrap_err();
    accountd.change("[limits]\naddress_burst = 9\n[log]\nlevel = \"error\"\n");
    accountd.has("applied", 3.0).await;
    assert_eq!(accountd.served.log().lines().count(), lines);
}

#[tokio::test]
async fn a_broken_file_changes_nothing_and_is_told_once() {
    let accountd = Configured::start(CLOSED).await;
    fs::write(
        &accountd.file,
        "[limits]\naddress_burst = \"many\"\nlogin_brst = 3\n",
    )
    .unwrap();
    accountd.has("refused", 1.0).await;
    let told = [
        "nothing has changed",
        "limits.address_burst",
        "did you mean `login_burst`",
    ];
    assert_eq!(accountd.told(&told), 1, "{}", accountd.served.log());
    accountd.change("[limits\n");
    accountd.has("refused", 2.0).await;
    fs::remove_file(&accountd.file).unwrap();
    accountd.has("refused", 3.0).await;
    assert_eq!(accountd.told(&["ERROR"]), 3, "{}", accountd.served.log());
    assert_eq!(accountd.refusal().await, "INVALID_CREDENTIALS");
    assert_eq!(accountd.refusal().await, "RATE_LIMITED");
    accountd.change(OPEN);
    accountd.has("applied", 1.0).await;
    assert_eq!(accountd.refusal().await, "INVALID_CREDENTIALS");
}

#[tokio::test]
async fn what_needs_a_restart_is_told_while_the_rest_acts() {
    let accountd = Configured::start(OPEN).await;
    accountd.change(&format!(
        "{CLOSED}[grpc]\nreflection = false\n[log]\nformat = \"json\"\n"
    ));
    accountd.has("applied", 1.0).await;
    for key in ["grpc.reflection", "log.format"] {
        let told = ["WARN", "needs a restart", key];
        assert_eq!(accountd.told(&told), 1, "{}", accountd.served.log());
    }
    assert_eq!(accountd.refusal().await, "INVALID_CREDENTIALS");
    assert_eq!(accountd.refusal().await, "RATE_LIMITED");
    assert_eq!(accountd.told(&["{\"timestamp\""]), 0);
}

#[tokio::test]
async fn what_contradicts_a_setting_that_stays_is_refused() {
    // The new file is sound by itself, but the old time of keys would go on.
    let others = ["customer", "school", "contact", "profile", "two_step"];
    let others: String = others
        .map(|name| format!("[realms.{name}]\nenabled = false\n"))
        .concat();
    let accountd = Configured::start(&format!("[keys]\nkeep = \"1h\"\n{others}")).await;
    let longer = "[realms.default]\naccess_lifetime = \"90m\"\n";
    accountd.change(&format!("[keys]\nkeep = \"2h\"\n{longer}{others}"));
    accountd.has("refused", 1.0).await;
    assert_eq!(
        accountd.told(&["ERROR", "keys.keep"]),
        1,
        "{}",
        accountd.served.log()
    );
}

#[tokio::test]
async fn a_file_that_was_emptied_or_cut_off_changes_nothing() {
    const SHUT: &str = "[realms.school]\nenabled = false\n";
    let accountd = Configured::start(&format!("{CLOSED}{SHUT}")).await;
    accountd.change("\n");
    accountd.has("refused", 1.0).await;
    assert_eq!(accountd.told(&["ERROR", "the file is empty"]), 1);
    accountd.change(CLOSED);
    accountd.has("refused", 2.0).await;
    accountd.change(&format!("{CLOSED}[realms.school]\n"));
    accountd.has("refused", 3.0).await;
    let told = ["ERROR", "realms.school", "does not say any more"];
    assert_eq!(accountd.told(&told), 2, "{}", accountd.served.log());
    accountd
        .served
        .page_with("accountd_config_last_reload_successful", 0.0)
        .await;
    accountd.change(&format!("{CLOSED}[realms.school]\nenabled = true\n"));
    accountd.has("applied", 1.0).await;
    accountd
        .served
        .page_with("accountd_config_last_reload_successful", 1.0)
        .await;
    assert_eq!(accountd.refusal().await, "INVALID_CREDENTIALS");
    assert_eq!(accountd.refusal().await, "RATE_LIMITED");
}

#[tokio::test]
async fn what_was_needed_at_the_start_alone_may_be_gone() {
    let directory = tempfile::tempdir().unwrap();
    let authorities = |name: &str| {
        let path = directory.path().join(name);
        fs::write(&path, "").unwrap();
        let text = format!("[mail]\nsmtp_ca_file = {:?}\n", path.display().to_string());
        (path, text)
    };
    let (old, text) = authorities("old.pem");
    let accountd = Configured::start(&format!("{OPEN}{text}")).await;
    let (_new, text) = authorities("new.pem");
    fs::remove_file(old).unwrap();
    accountd.change(&format!("{CLOSED}{text}"));
    accountd.has("applied", 1.0).await;
    let told = ["WARN", "needs a restart", "mail.smtp_ca_file"];
    assert_eq!(accountd.told(&told), 1, "{}", accountd.served.log());
}

#[tokio::test]
async fn secrets_are_never_told() {
    let accountd = Configured::start("").await;
    let secret = accountd.file.with_extension("secret");
    let write = |text: &str| {
        use std::os::unix::fs::PermissionsExt as _;
        fs::write(&secret, text).unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    };
    let text = format!(
        "[mail]\nsmtp_password_file = {:?}\n",
        secret.display().to_string()
    );
    write("the first phrase of the relay");
    accountd.change(&text);
    accountd.has("unchanged", 1.0).await;
    let told = ["needs a restart", "mail.smtp_password", "a secret"];
    assert_eq!(accountd.told(&told), 1, "{}", accountd.served.log());
    write("another phrase of the relay");
    accountd.change("[mail]\nsmtp_password = \"a third phrase of the relay\"\n");
    accountd.has("refused", 1.0).await;
    assert_eq!(accountd.told(&["phrase"]), 0, "{}", accountd.served.log());
}
