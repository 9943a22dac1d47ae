//! An accountd that serves operators, and people who use it.

use std::{fs, path::PathBuf};

use accountd::proto::{
    Account, GetCurrentRequest, LoginRequest, account_service_client::AccountServiceClient,
    login_request::Identifier,
};
use serde_json::Value as Json;
use tonic::{Request, metadata::MetadataValue, transport::Channel};

use super::{Told, admin};
use crate::support::{
    client::reason,
    installation::{Installation, Running},
    redis::free_port,
};

/// A running accountd, which its own machine's operator looks after.
pub(super) struct Served {
    pub(super) accountd: Installation,
    /// Where everybody is served.
    pub(super) address: String,
    _running: Running,
}

impl Served {
    /// One with accounts that have any attributes.
    pub(super) async fn start() -> Self {
        let port = free_port();
        Self::of(
            Installation::new()
                .with("ACCOUNTD_ADMIN__LISTEN", format!("127.0.0.1:{port}"))
                .with("ACCOUNTD_REALMS__DEFAULT__ATTRIBUTES_SCHEMA", "{}"),
        )
        .await
    }

    /// One with these settings.
    pub(super) async fn of(accountd: Installation) -> Self {
        let accountd = accountd.with("ACCOUNTD_GRPC__LISTEN", "127.0.0.1:0");
        let running = accountd.serve().await;
        let banner = accountd.written("out");
        let line = banner
            .lines()
            .find_map(|line| line.split_once(" serves on "));
        Self {
            address: line.unwrap().1.to_owned(),
            accountd,
            _running: running,
        }
    }

    pub(super) fn admin(&self, arguments: &[&str]) -> Told {
        admin(&self.accountd, arguments)
    }

    /// The account of that user name, as `get --json` has it.
    pub(super) fn get(&self, username: &str) -> Json {
        self.admin(&["get", "--username", username, "--json"])
            .document()
    }

    pub(super) fn id(&self, username: &str) -> String {
        let record = self.get(username);
        record["account"]["id"].as_str().unwrap().to_owned()
    }

    /// A file in the directory where it runs, with these lines.
    pub(super) fn file(&self, name: &str, lines: &[impl AsRef<str>]) -> PathBuf {
        let path = self.accountd.path().join(name);
        let lines: Vec<&str> = lines.iter().map(AsRef::as_ref).collect();
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        path
    }

    /// Brings these accounts in.
    pub(super) fn import(&self, rows: &[Json]) {
        let lines: Vec<String> = rows.iter().map(ToString::to_string).collect();
        self.file("accounts.jsonl", &lines);
        self.admin(&["import", "accounts.jsonl"]).worked();
    }

    /// Adds an operator, and leaves its token in a file of its name.
    pub(super) fn add_operator(&self, name: &str, arguments: &[&str]) {
        let own = ["operator", "add", name, "--token-file", name];
        self.admin(&[&own, arguments].concat()).worked();
    }

    async fn people(&self) -> AccountServiceClient<Channel> {
        let address = format!("http://{}", self.address);
        AccountServiceClient::connect(address).await.unwrap()
    }

    /// The access token of a new session, or the reason why there is none.
    pub(super) async fn login(&self, username: &str, password: &str) -> Result<String, String> {
        let request = LoginRequest {
            identifier: Some(Identifier::Username(username.to_owned())),
            password: password.to_owned(),
            ..LoginRequest::default()
        };
        let answer = self
            .people()
            .await
            .login(request)
            .await
            .map_err(|status| reason(&status))?;
        Ok(answer.into_inner().tokens.unwrap().access_token)
    }

    /// Whose token that is, or the reason why it is nobody's.
    pub(super) async fn current(&self, token: &str) -> Result<Account, String> {
        let mut request = Request::new(GetCurrentRequest::default());
        let value = MetadataValue::try_from(format!("Bearer {token}")).unwrap();
        request.metadata_mut().insert("authorization", value);
        let answer = self.people().await.get_current(request).await;
        Ok(answer
            .map_err(|status| reason(&status))?
            .into_inner()
            .account
            .unwrap())
    }
}
