//! Two versions serve the same people at a time, and the new one is taken back.

use std::process::Command;

use accountd::proto::{OtpPurpose, Tokens};
use tonic::Code;

use super::{
    ahead,
    held::{Pair, named_login, named_update},
    life::live,
    next::database,
};
use crate::support::{
    binary,
    client::{Client, PASSWORD, assert_refused},
    cluster::Cluster,
    postgres,
    service::{Engines, on_both_engines},
};

/// The binary of the other version. Where there is none, this version stands in for it.
fn other() -> Command {
    Command::new(binary::other().unwrap_or_else(binary::built))
}

/// Where this version stands in for the other, it is to serve on a schema that it does not know.
async fn take_step(url: &str) {
    if binary::other().is_none() {
        ahead::take(url).await;
    }
}

/// What a node did shortly before it was ended.
struct Left {
    first: Tokens,
    named: Pair,
    ended: Tokens,
    code: String,
    etag: String,
}

impl Left {
    async fn at(client: &Client) -> Self {
        let first = client.join("ada").await.tokens.unwrap();
        let ada = client.with(&first.access_token);
        let changed = ada.update(named_update()).await.unwrap();
        let named = client.rpc.clone().login(named_login()).await.unwrap();
        let ended = client.login("ada", PASSWORD).await.unwrap();
        let ended = ended.tokens.unwrap();
        client.with(&ended.access_token).logout().await.unwrap();
        let (purpose, email) = (OtpPurpose::ResetPassword, "ada@example.com");
        client.request_otp(email, purpose).await.unwrap();
        Self {
            named: named.into_inner().tokens.unwrap().into(),
            first,
            ended,
            code: client.code_number(email, 2).await,
            etag: changed.account.unwrap().etag,
        }
    }

    /// The node that goes on knows all of it, but for a code whose half in memory ended with the process.
    async fn is_known(&self, client: &Client, engines: Engines) {
        let ada = client.with(&self.first.access_token);
        let account = ada.current().await.unwrap();
        assert_eq!(account.etag, self.etag);
        assert_eq!(ada.sessions().await.unwrap().len(), 2);
        let again = ada.update(named_update()).await.unwrap();
        assert_eq!(again.account.unwrap().etag, self.etag);
        let login = client.rpc.clone().login(named_login()).await.unwrap();
        let told: Pair = login.into_inner().tokens.unwrap().into();
        assert_eq!(told, self.named);
        let ended = client.with(&self.ended.access_token).current().await;
        assert_refused(ended, Code::Unauthenticated, "TOKEN_REVOKED");
        let next = client.refresh(&self.first.refresh_token).await.unwrap();
        assert_eq!(next.session_id, self.first.session_id);
        client.login("ada", PASSWORD).await.unwrap();
        let password = "a longer day ashore";
        let reset = client.reset_password("ada@example.com", &self.code, password);
        match engines {
            Engines::Embedded => {
                assert_refused(reset.await, Code::InvalidArgument, "CODE_INCORRECT");
            }
            Engines::Production => {
                reset.await.unwrap();
                client.login("ada", password).await.unwrap();
            }
        }
    }
}

/// The old version serves while the steps of the new one are taken, as in every rolling upgrade.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn px_15_two_versions_serve_one_client_and_one_is_taken_back() {
    let engines = Engines::Production;
    let url = postgres::database().await;
    let variables = [
        ("ACCOUNTD_STORE__URL", url.as_str()),
        ("ACCOUNTD_STORE__MIGRATE", "always"),
    ];
    let mut cluster = Cluster::prepare(engines, 2, &variables).await;
    cluster.launch_by(0, other()).await;
    cluster.node(0).serves().await;
    let old = cluster.node(0).client();
    live(&old, &old, "ben").await;

    take_step(&url).await;
    cluster.restart(1).await;
    let new = cluster.node(1).client();
    live(&old, &new, "cleo").await;
    live(&new, &old, "dora").await;

    let left = Left::at(&new).await;
    cluster.terminate(1).await;
    left.is_known(&old, engines).await;
    live(&old, &old, "eve").await;
}

on_both_engines! {
    async fn px_15_the_version_before_starts_again_on_what_this_one_left(engines) {
        let mut cluster = Cluster::start(engines, 1, &[]).await;
        let left = Left::at(&cluster.node(0).client()).await;
        cluster.terminate(0).await;
        take_step(&database(&cluster, engines)).await;
        cluster.launch_by(0, other()).await;
        cluster.node(0).serves().await;
        let client = cluster.node(0).client();
        left.is_known(&client, engines).await;
        live(&client, &client, "ben").await;
    }
}
