//! Backup and restore, by the very lines of `docs/operations.md`.

use std::{fs, process::Command};

use accountd::proto::{
    LoginRequest, RegisterRequest, account_service_client::AccountServiceClient,
    login_request::Identifier,
};
use tonic::{Code, transport::Channel};

use crate::support::{
    binary,
    client::{Client, PASSWORD, assert_refused},
    installation::{Installation, Running},
    mailbox::Mailbox,
    postgres, redis,
};

/// The lines that a terminal is given below a heading, each with what it goes by here in place of what stands there.
fn lines(heading: &str, installation: &Installation) -> Vec<String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once(&format!("## {heading}\n")).unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let data = installation.path().join("data");
    let lines = section.lines().filter_map(|line| line.strip_prefix("$ "));
    lines
        .map(|line| line.replace("/var/lib/accountd", data.to_str().unwrap()))
        .map(|line| match line.strip_prefix("accountd ") {
            Some(rest) => format!("{} {rest}", binary::path().display()),
            None => line,
        })
        .collect()
}

struct Place {
    installation: Installation,
    address: String,
    variables: [(&'static str, String); 2],
}

impl Place {
    async fn new(redis: &redis::Server) -> Self {
        let port = redis::free_port();
        let database = postgres::database().await;
        let installation = Installation::new()
            .with("ACCOUNTD_GRPC__LISTEN", format!("127.0.0.1:{port}"))
            .with("ACCOUNTD_STORE__URL", database.clone())
            .with("ACCOUNTD_KV__KIND", "redis")
            .with("ACCOUNTD_KV__URLS", redis.url())
            .with("ACCOUNTD_REALMS__DEFAULT__ACTIVATION", "none");
        Self {
            installation,
            address: format!("http://127.0.0.1:{port}"),
            variables: [("DATABASE_URL", database), ("REDIS_URL", redis.url())],
        }
    }

    /// Serves until what is given back is dropped.
    async fn serve(&self) -> (Running, AccountServiceClient<Channel>) {
        let running = self.installation.serve().await;
        let rpc = AccountServiceClient::connect(self.address.clone()).await;
        (running, rpc.unwrap())
    }

    fn run(&self, line: &str) {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", line])
            .current_dir(self.installation.path())
            .envs(self.installation.variables())
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
    }
}

async fn register(rpc: &AccountServiceClient<Channel>, name: &str) {
    let message = RegisterRequest {
        username: name.to_owned(),
        email: format!("{name}@example.com"),
        password: PASSWORD.to_owned(),
        ..RegisterRequest::default()
    };
    rpc.clone().register(message).await.unwrap();
}

async fn login(rpc: &AccountServiceClient<Channel>, name: &str) -> Result<String, tonic::Status> {
    let message = LoginRequest {
        identifier: Some(Identifier::Username(name.to_owned())),
        password: PASSWORD.to_owned(),
        ..LoginRequest::default()
    };
    let answer = rpc.clone().login(message).await?.into_inner();
    Ok(answer.tokens.unwrap().access_token)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_copied_is_there_again() {
    let redis = redis::Server::start().await;
    let place = Place::new(&redis).await;
    let all = lines("Backup and restore", &place.installation);
    let (copies, restores): (Vec<_>, Vec<_>) = all
        .into_iter()
        .filter(|line| !line.starts_with("sqlite3"))
        .partition(|line| line.starts_with("pg_dump") || line.contains("--create"));
    assert_eq!((copies.len(), restores.len()), (2, 6));
    let up = place.installation.run(&["migrate", "up"]);
    assert!(up.status.success(), "{up:?}");
    let (running, rpc) = place.serve().await;
    register(&rpc, "ada").await;
    let of_before = login(&rpc, "ada").await.unwrap();
    for line in &copies {
        place.run(line);
    }
    let ada = Client::new(
        rpc.clone(),
        "default",
        Mailbox::Files(place.installation.path().join("data/mail")),
    );
    ada.with(&of_before).logout().await.unwrap();
    register(&rpc, "late").await;
    drop(running);
    fs::remove_dir_all(place.installation.path().join("data/keys")).unwrap();
    for line in &restores {
        place.run(line);
    }
    let (_running, rpc) = place.serve().await;
    login(&rpc, "ada").await.unwrap();
    // The page says so: a session that ended after the copy is as it was before.
    let mut ada = ada;
    ada.rpc = rpc.clone();
    assert_eq!(
        ada.with(&of_before).current().await.unwrap().username,
        "ada"
    );
    let late = login(&rpc, "late").await;
    assert_refused(late, Code::Unauthenticated, "INVALID_CREDENTIALS");
}
