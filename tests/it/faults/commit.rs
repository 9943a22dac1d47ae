//! SQ-04: a connection that is lost while a change is committed, before or after the effect.

use std::fmt::Debug;

use accountd::proto::{self, OtpPurpose, verify_otp_request::Subject};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use tokio::time::{sleep, timeout};
use tonic::{Code, Status};

use super::calls::ANSWER;
use crate::support::{
    client::{Client, PASSWORD, assert_refused},
    cluster::{Cluster, Node},
    request_id::fresh_request_id,
    service::Engines,
};

/// A place for a person and a way for the commit to be lost.
struct Stage {
    cluster: Cluster,
    admin: DatabaseConnection,
}

/// The ways in which a commit is lost: without effect, or without an answer.
const WAYS: [(&str, bool); 2] = [("before", false), ("after", true)];

const OTHER: &str = "another day at sea";

impl Stage {
    async fn build() -> Self {
        let cluster = Cluster::start(Engines::Production, 1, &[]).await;
        let admin = cluster.outside().sql().await;
        Self { cluster, admin }
    }

    fn node(&self) -> &Node {
        self.cluster.node(0)
    }

    fn client(&self) -> Client {
        self.node().client()
    }

    /// Sends a request whose commit is lost, and the same again until it is answered: at once, but for what the pool has
    /// still to learn.
    async fn lose<T: Debug>(
        &self,
        has_effect: bool,
        send: impl AsyncFn() -> Result<T, Status>,
    ) -> T {
        let sql = self.node().sql();
        let before = sql.fired();
        if has_effect {
            sql.lose_reply_after("COMMIT", 1);
        } else {
            sql.cut_before("COMMIT", 1);
        }
        let lost = timeout(ANSWER, send()).await.expect("a call hangs");
        assert_eq!(sql.fired(), before + 1, "no commit was lost: {lost:?}");
        if let Err(status) = lost {
            assert_eq!(status.code(), Code::Unavailable, "{status:?}");
        }
        for _ in 0..5 {
            match timeout(ANSWER, send()).await.expect("a call hangs") {
                Err(status) if status.code() == Code::Unavailable => {}
                answer => return answer.unwrap(),
            }
            sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("the same request is never answered");
    }

    /// How many rows a condition has.
    async fn count(&self, table: &str, condition: &str) -> i64 {
        let text = format!("SELECT count(*) AS n FROM {table} WHERE {condition}");
        let backend = self.admin.get_database_backend();
        let row = self
            .admin
            .query_one_raw(Statement::from_string(backend, text))
            .await
            .unwrap();
        row.unwrap().try_get("", "n").unwrap()
    }

    /// Somebody new for each way.
    async fn newcomer(&self, name: &str) -> (Client, proto::Tokens) {
        let client = self.client();
        let tokens = client.join(name).await.tokens.unwrap();
        (client.with(&tokens.access_token), tokens)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_04_a_registration_whose_commit_is_lost_converges() {
    let stage = Stage::build().await;
    let client = stage.client();
    for (name, has_effect) in WAYS {
        let message = proto::RegisterRequest {
            request_id: fresh_request_id(),
            ..client.registration(name)
        };
        let registered = stage
            .lose(has_effect, || client.register(message.clone()))
            .await;
        let id = registered.account.unwrap().id;
        let code = client.code_for(&format!("{name}@example.com")).await;
        let joined = client.activate(&id, &code).await.unwrap();
        assert_eq!(joined.account.unwrap().username, name);
        let condition = format!("username_canonical = '{name}'");
        assert_eq!(stage.count("accounts", &condition).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_04_an_update_whose_commit_is_lost_converges() {
    let stage = Stage::build().await;
    for (name, has_effect) in WAYS {
        let (ada, _) = stage.newcomer(name).await;
        let etag = ada.current().await.unwrap().etag;
        // By the version that was read, so that a second effect would show.
        let message = proto::UpdateRequest {
            username: format!("{name}two"),
            etag: etag.clone(),
            request_id: fresh_request_id(),
            ..proto::UpdateRequest::default()
        };
        let updated = stage.lose(has_effect, || ada.update(message.clone())).await;
        let account = updated.account.unwrap();
        assert_eq!(account.username, format!("{name}two"));
        assert_eq!(ada.current().await.unwrap(), account);
        let (was, is): (u64, u64) = (etag.parse().unwrap(), account.etag.parse().unwrap());
        assert_eq!(is, was + 1, "it happened once");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_04_a_new_password_whose_commit_is_lost_converges() {
    let stage = Stage::build().await;
    for (name, has_effect) in WAYS {
        let (ada, _) = stage.newcomer(name).await;
        let message = proto::UpdateRequest {
            password: OTHER.to_owned(),
            current_password: PASSWORD.to_owned(),
            request_id: fresh_request_id(),
            ..proto::UpdateRequest::default()
        };
        stage.lose(has_effect, || ada.update(message.clone())).await;
        ada.login(name, OTHER).await.unwrap();
        let old = ada.login(name, PASSWORD).await;
        assert_refused(old, Code::Unauthenticated, "INVALID_CREDENTIALS");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_04_a_deletion_whose_commit_is_lost_converges() {
    let stage = Stage::build().await;
    for (name, has_effect) in WAYS {
        let (ada, _) = stage.newcomer(name).await;
        let message = proto::DeleteRequest {
            current_password: PASSWORD.to_owned(),
            request_id: fresh_request_id(),
            ..proto::DeleteRequest::default()
        };
        stage
            .lose(has_effect, async || {
                let request = ada.request(message.clone());
                ada.rpc.clone().delete(request).await.map(drop)
            })
            .await;
        let gone = ada.current().await;
        assert_refused(gone, Code::Unauthenticated, "ACCOUNT_DELETED");
        let condition = format!("username_canonical = '{name}'");
        assert_eq!(stage.count("accounts", &condition).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_04_a_refresh_whose_commit_is_lost_converges() {
    let stage = Stage::build().await;
    for (name, has_effect) in WAYS {
        let (ada, tokens) = stage.newcomer(name).await;
        let message = proto::RefreshRequest {
            refresh_token: tokens.refresh_token,
            request_id: fresh_request_id(),
        };
        let next = stage
            .lose(has_effect, async || {
                let request = ada.request(message.clone());
                let answer = ada.rpc.clone().refresh(request).await?;
                Ok(answer.into_inner().tokens.unwrap())
            })
            .await;
        let ada = ada.with(&next.access_token);
        ada.current().await.unwrap();
        // The family lives on, and has one branch.
        let last = ada.refresh(&next.refresh_token).await.unwrap();
        ada.with(&last.access_token).current().await.unwrap();
        assert_eq!(ada.sessions().await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_04_a_code_whose_commit_is_lost_converges() {
    let stage = Stage::build().await;
    let client = stage.client();
    for (name, has_effect) in WAYS {
        let (id, code) = client.pending(name).await;
        let message = proto::VerifyOtpRequest {
            subject: Some(Subject::AccountId(id.clone())),
            code: code.clone(),
            request_id: fresh_request_id(),
            ..proto::VerifyOtpRequest::default()
        };
        let verified = stage
            .lose(has_effect, || client.verify(message.clone()))
            .await;
        let ada = client.with(&verified.tokens.unwrap().access_token);
        assert_eq!(ada.current().await.unwrap().id, id);
        assert_eq!(ada.sessions().await.unwrap().len(), 1, "it happened once");
        let again = client.activate(&id, &code).await;
        assert!(again.is_err(), "a code works once");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sq_04_a_reset_whose_commit_is_lost_converges() {
    let stage = Stage::build().await;
    for (name, has_effect) in WAYS {
        let (ada, _) = stage.newcomer(name).await;
        let address = format!("{name}@example.com");
        ada.request_otp(&address, OtpPurpose::ResetPassword)
            .await
            .unwrap();
        let message = proto::ResetPasswordRequest {
            email: address.clone(),
            code: ada.code_number(&address, 2).await,
            new_password: OTHER.to_owned(),
            request_id: fresh_request_id(),
            ..proto::ResetPasswordRequest::default()
        };
        stage
            .lose(has_effect, async || {
                let request = ada.request(message.clone());
                ada.rpc.clone().reset_password(request).await.map(drop)
            })
            .await;
        assert_refused(ada.current().await, Code::Unauthenticated, "TOKEN_REVOKED");
        ada.login(name, OTHER).await.unwrap();
        let old = ada.login(name, PASSWORD).await;
        assert_refused(old, Code::Unauthenticated, "INVALID_CREDENTIALS");
    }
}
