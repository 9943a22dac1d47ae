//! One call of every kind, and what may be said of it while an engine fails.

use std::{
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use accountd::proto::{self, DownloadProfilePictureRequest, OtpPurpose};
use futures_util::future::join_all;
use tokio::time::{Instant, sleep, timeout};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::support::{
    client::{Client, PASSWORD, reason},
    codes::Who,
    contract,
    pictures::{noise, upload},
};

/// The catalogue says 5 s; a busy machine gets twice as long.
pub const RECOVERY: Duration = Duration::from_secs(10);
/// When a call counts as hanging: three times the second that the catalogue gives it, on a busy machine.
pub const ANSWER: Duration = Duration::from_secs(3);

/// What came of a call.
#[derive(Debug)]
#[expect(dead_code, reason = "the method is there to be printed")]
pub struct Outcome {
    pub method: &'static str,
    /// None when nothing came in time.
    pub answer: Option<Result<(), Status>>,
    pub took: Duration,
}

type Call<'a> = Pin<Box<dyn Future<Output = Result<(), Status>> + Send + 'a>>;

fn call<'a, T>(work: impl Future<Output = Result<T, Status>> + Send + 'a) -> Call<'a> {
    Box::pin(async move { work.await.map(drop) })
}

/// Asserts that each was refused for want of an engine, soon, and not for any fault of the caller's.
pub fn assert_unavailable(outcomes: &[Outcome]) {
    let wrong: Vec<&Outcome> = outcomes
        .iter()
        .filter(|outcome| {
            let Some(Err(status)) = &outcome.answer else {
                return true;
            };
            let told = (status.code(), reason(status));
            outcome.took > ANSWER
                || told != (Code::Unavailable, String::from("DEPENDENCY_UNAVAILABLE"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether the answer may be given while an engine fails: a success, or a refusal that lays no blame on the caller.
pub fn is_honest<T>(answer: &Result<T, Status>) -> bool {
    use Code::{Aborted, DeadlineExceeded, ResourceExhausted, Unavailable};
    answer.as_ref().map_or_else(
        |status| {
            [Unavailable, DeadlineExceeded, ResourceExhausted, Aborted].contains(&status.code())
        },
        |_| true,
    )
}

/// Somebody with an account, a session, a picture and a code under way, so that no call is refused for want of them.
pub struct Cast {
    name: String,
    pub ada: Client,
    pub refresh_token: String,
    pending: String,
}

impl Cast {
    /// Takes place under this name, on a service that is well.
    pub async fn enter(client: &Client, name: &str) -> Self {
        let tokens = client.join(name).await.tokens.unwrap();
        let (pending, _) = client.pending(&format!("{name}later")).await;
        let ada = client.with(&tokens.access_token);
        upload(&ada, &noise(32, 32)).await.unwrap();
        Self {
            name: name.to_owned(),
            ada,
            refresh_token: tokens.refresh_token,
            pending,
        }
    }

    /// Makes one call of every kind, all at once, each waited for so long.
    pub async fn call_all(&self, patience: Duration) -> Vec<Outcome> {
        let calls = self.calls();
        let mut made: Vec<&str> = calls.iter().map(|(method, _)| *method).collect();
        let mut all: Vec<String> = contract::methods().into_iter().map(|it| it.name).collect();
        made.sort_unstable();
        all.sort_unstable();
        assert_eq!(made, all, "a kind of call is not made");
        join_all(calls.into_iter().map(|(method, call)| async move {
            let since = Instant::now();
            let answer = timeout(patience, call).await.ok();
            Outcome {
                method,
                answer,
                took: since.elapsed(),
            }
        }))
        .await
    }

    fn calls(&self) -> Vec<(&'static str, Call<'_>)> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let ada = &self.ada;
        let stranger = format!("newcomer{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let stranger = ada.registration(&stranger);
        let rpc = || ada.rpc.clone();
        let later = Who::Id(&self.pending);
        vec![
            ("Register", call(ada.register(stranger))),
            (
                "RequestOtp",
                call(ada.request_otp("nobody@example.com", OtpPurpose::ResetPassword)),
            ),
            (
                "VerifyOtp",
                call(ada.bring(OtpPurpose::Activate, later, "000000")),
            ),
            (
                "ResendOtp",
                call(ada.ask_again(OtpPurpose::Activate, later)),
            ),
            ("Login", call(self.login())),
            ("Refresh", call(ada.refresh(&self.refresh_token))),
            ("Logout", call(ada.logout())),
            ("GetCurrent", call(ada.current())),
            ("Update", call(self.rename("Ada"))),
            ("Delete", call(ada.delete(PASSWORD))),
            (
                "ResetPassword",
                call(ada.reset_password("nobody@example.com", "000000", PASSWORD)),
            ),
            ("ListSessions", call(ada.sessions())),
            (
                "RevokeSession",
                call(async move {
                    let message = proto::RevokeSessionRequest {
                        session_id: Uuid::from_u128(7).to_string(),
                        ..proto::RevokeSessionRequest::default()
                    };
                    rpc().revoke_session(ada.request(message)).await
                }),
            ),
            (
                "UploadProfilePicture",
                call(async { upload(ada, &noise(32, 32)).await }),
            ),
            (
                "DownloadProfilePicture",
                call(async move {
                    let message = ada.request(DownloadProfilePictureRequest::default());
                    let answer = rpc().download_profile_picture(message).await?;
                    answer.into_inner().message().await
                }),
            ),
            (
                "DeleteProfilePicture",
                call(async move {
                    let message = proto::DeleteProfilePictureRequest::default();
                    rpc().delete_profile_picture(ada.request(message)).await
                }),
            ),
        ]
    }

    /// Logs in once more.
    pub async fn login(&self) -> Result<proto::LoginResponse, Status> {
        self.ada.login(&self.name, PASSWORD).await
    }

    /// The same, and ends the session, since an account has a limited number of them.
    async fn log_in_and_out(&self) -> Result<(), Status> {
        let tokens = self.login().await?.tokens.unwrap();
        self.ada.with(&tokens.access_token).logout().await
    }

    /// Changes the full name.
    pub async fn rename(&self, name: &str) -> Result<proto::UpdateResponse, Status> {
        let message = proto::UpdateRequest {
            full_name: name.to_owned(),
            ..proto::UpdateRequest::default()
        };
        self.ada.update(message).await
    }

    /// Waits until reads, proofs and changes all work again, without a hand.
    pub async fn recovers(&self) {
        let since = Instant::now();
        loop {
            let done = tokio::join!(
                timeout(ANSWER, self.ada.current()),
                timeout(ANSWER, self.log_in_and_out()),
                timeout(ANSWER, self.rename("Ada Lovelace")),
                timeout(ANSWER, self.ada.refresh(&self.refresh_token)),
            );
            if let (Ok(Ok(_)), Ok(Ok(())), Ok(Ok(_)), Ok(Ok(_))) = &done {
                return;
            }
            assert!(since.elapsed() < RECOVERY, "it does not recover: {done:?}");
            sleep(Duration::from_millis(50)).await;
        }
    }
}
