//! A mutation with a `request_id` happens once: sent again, it is answered again.

use std::{future::Future, panic::AssertUnwindSafe, time::Duration};

use aws_lc_rs::digest::{Context, SHA256};
use futures_util::FutureExt as _;
use prost::Message;
use tokio::time::Instant;

use crate::{
    accounts::fields::RequestId,
    app::{App, Call},
    backend::kv::Begun,
    error::{Error, Result},
    proto,
};

/// How long an answer is kept.
const KEPT: Duration = Duration::from_mins(10);
/// How long the first call may take before another one may begin in its place.
const LEASE: Duration = Duration::from_mins(1);
/// How often a repeated call looks whether the first has finished.
const LOOK: Duration = Duration::from_millis(25);

/// A request that names itself.
pub(super) trait Named: Message {
    /// Its `request_id`, empty when it has none.
    fn request_id(&self) -> &str;
}

macro_rules! named {
    ($($($request:ident)::+),* $(,)?) => {
        $(impl Named for proto::$($request)::+ {
            fn request_id(&self) -> &str {
                &self.request_id
            }
        })*
    };
}

named!(
    RegisterRequest,
    RequestOtpRequest,
    VerifyOtpRequest,
    ResendOtpRequest,
    LoginRequest,
    RefreshRequest,
    LogoutRequest,
    UpdateRequest,
    DeleteRequest,
    ResetPasswordRequest,
    RevokeSessionRequest,
    DeleteProfilePictureRequest,
    upload_profile_picture_request::Header,
);

/// Runs `work` for the first call of its name, and answers every other one with what the first was answered.
///
/// Answers are kept encrypted, for ten minutes; refusals are not kept, since nothing was done. While the store that
/// keeps them does not answer, a call with a name is refused: without it, it might happen twice.
///
/// Refusals: `REQUEST_ID_REUSED`, `DEADLINE_EXCEEDED`, `DEPENDENCY_UNAVAILABLE`.
pub(super) async fn once<Q, A>(
    app: &App,
    call: &Call,
    method: &'static str,
    request: &Q,
    work: impl Future<Output = Result<A>>,
) -> Result<A>
where
    Q: Named,
    A: Message + Default,
{
    let name = request.request_id();
    if name.is_empty() {
        return work.await;
    }
    RequestId::parse(name)
        .map_err(|violation| Error::field("request_id", violation.reason, violation.text))?;
    let key = format!("{method}/{name}");
    let print = fingerprint(call, method, request);
    loop {
        match app.kv.begin_reply(&key, print, LEASE).await? {
            Begun::Mine => break,
            // The caller has gone, and the first call goes on without this one.
            Begun::Running if is_late(call) => return Err(Error::DeadlineExceeded),
            Begun::Running => tokio::time::sleep(LOOK).await,
            Begun::Differs => return Err(Error::RequestIdReused),
            Begun::Done(sealed) => return open(app, &key, &sealed),
        }
    }
    // A claim that a panic left behind would hold up the next delivery for the whole lease.
    let done = AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Error::Internal(String::from("a panic"))));
    let kept = match &done {
        Ok(answer) => {
            let sealed = app.keys.seal(&answer.encode_to_vec(), key.as_bytes());
            app.kv.finish_reply(&key, print, &sealed, KEPT).await
        }
        Err(_) => app.kv.abandon_reply(&key).await,
    };
    if let Err(error) = kept {
        tracing::warn!(%error, "answer is not kept: the same request id may run again");
    }
    done
}

fn is_late(call: &Call) -> bool {
    call.deadline
        .is_some_and(|deadline| deadline <= Instant::now())
}

/// What makes two requests the same: every byte of theirs, and who sends them.
fn fingerprint(call: &Call, method: &str, request: &impl Message) -> [u8; 32] {
    let mut hash = Context::new(&SHA256);
    for part in [
        method.as_bytes(),
        call.bearer.as_deref().unwrap_or_default().as_bytes(),
        &request.encode_to_vec(),
    ] {
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut print = [0; 32];
    print.copy_from_slice(hash.finish().as_ref());
    print
}

fn open<A: Message + Default>(app: &App, key: &str, sealed: &[u8]) -> Result<A> {
    app.keys
        .open(sealed, key.as_bytes())
        .and_then(|plain| A::decode(plain.as_slice()).ok())
        .ok_or(Error::DependencyUnavailable { dependency: "kv" })
}
