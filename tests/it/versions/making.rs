//! Lets a binary serve some people, and keeps what it and they are left with.

use std::{path::Path, process::Command};

use accountd::{
    backend::Clock,
    proto::{OtpPurpose, RevokeSessionRequest},
};

use super::{
    dump,
    held::{Ada, Held, Pair, Waiting, named_login, named_update},
    keys,
    left::Left,
};
use crate::support::{
    client::{Client, PASSWORD},
    cluster::Cluster,
    postgres,
    service::Engines,
};

impl Left {
    /// What that binary leaves behind on fresh engines, whose schema it makes itself.
    pub(super) async fn by(binary: &Path, engines: Engines) -> Self {
        let directory = tempfile::tempdir().unwrap();
        keys::write(directory.path());
        let keys = directory.path().display().to_string();
        let mut variables = vec![("ACCOUNTD_KEYS__DIRECTORY", keys.as_str())];
        let fresh = match engines {
            Engines::Embedded => String::new(),
            Engines::Production => postgres::database().await,
        };
        if engines == Engines::Production {
            variables.push(("ACCOUNTD_STORE__URL", &fresh));
            variables.push(("ACCOUNTD_STORE__MIGRATE", "always"));
        }
        let mut cluster = Cluster::prepare(engines, 1, &variables).await;
        cluster.launch_by(0, Command::new(binary)).await;
        cluster.node(0).serves().await;
        let mut held = Held::by(&cluster.node(0).client()).await;
        if engines == Engines::Production {
            held.keys = dump::keys(&cluster.outside().redis).await;
        }
        cluster.terminate(0).await;
        let sql = match engines {
            Engines::Embedded => dump::sqlite(&cluster.node(0).data().join("accountd.db")).await,
            Engines::Production => dump::postgres(&fresh),
        };
        Self { sql, held }
    }
}

impl Held {
    async fn by(client: &Client) -> Self {
        let ada = Ada::by(client).await;
        let (id, code) = client.pending("ben").await;
        let ben = Waiting { id, code };
        let id = client.join("cleo").await.account.unwrap().id;
        let email = "cleo@example.com";
        client
            .request_otp(email, OtpPurpose::ResetPassword)
            .await
            .unwrap();
        let code = client.code_number(email, 2).await;
        Self {
            at_millis: Clock::System.now().millis(),
            password: PASSWORD.to_owned(),
            ada,
            ben,
            cleo: Waiting { id, code },
            keys: Vec::new(),
        }
    }
}

impl Ada {
    async fn by(client: &Client) -> Self {
        let joined = client.join("ada").await;
        let first = joined.tokens.unwrap();
        let first = client.refresh(&first.refresh_token).await.unwrap();
        let ada = client.with(&first.access_token);
        let changed = ada.update(named_update()).await.unwrap();
        let named = client.rpc.clone().login(named_login()).await.unwrap();
        let revoked: Pair = client
            .login("ada", PASSWORD)
            .await
            .unwrap()
            .tokens
            .unwrap()
            .into();
        let message = ada.request(RevokeSessionRequest {
            session_id: revoked.session_id.clone(),
            ..RevokeSessionRequest::default()
        });
        ada.rpc.clone().revoke_session(message).await.unwrap();
        Self {
            id: joined.account.unwrap().id,
            etag: changed.account.unwrap().etag,
            first: first.into(),
            named: named.into_inner().tokens.unwrap().into(),
            revoked,
        }
    }
}
