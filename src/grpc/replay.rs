//! A mutation with a `request_id` happens once: sent again, it is answered again.
//!
//! SQL decides, since the answer is kept there with the change. The key-value store only lets a second delivery wait
//! while the first one runs; without it, they meet in the tables, where one of them is refused and told the answer of
//! the other.

use std::{future::Future, panic::AssertUnwindSafe, time::Duration};

use aws_lc_rs::digest::{Context, SHA256};
use futures_util::FutureExt as _;
use prost::Message;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    accounts::{fields::RequestId, revocation},
    app::{App, Call},
    error::{Error, Result},
    proto,
    replay::{self, Name},
    sessions::{self, token},
};

/// How long a claim lasts. It only spares a second delivery its work; SQL judges which of two is the first. So it may end
/// before a call does, and a process that died holds up the next try for no longer.
const LEASE: Duration = Duration::from_secs(5);
/// How often a repeated call looks whether the first has let go of its claim.
const LOOK: Duration = Duration::from_millis(25);
/// How often it looks for an answer although it has not: so many may wait that SQL would feel more.
const LOOK_IN_SQL: Duration = Duration::from_secs(1);

/// A request that names itself.
pub(super) trait Named: Message {
    /// Where its `request_id` stands.
    const FIELD: &'static str;
    /// Whose it is.
    const WHO: Who;

    /// Its `request_id`, empty when it has none.
    fn request_id(&self) -> &str;
}

/// Who may make a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Anybody, or who proves it by something in the request.
    Anyone,
    /// An account by its access token, whose session outlives the call.
    Owner,
    /// An account by its access token, whose session may end by the call: the answer is told nevertheless.
    Leaver,
    /// An operator, who is known before the request is named.
    Operator,
}

macro_rules! named {
    ($field:literal, $who:ident: $($($request:ident)::+),* $(,)?) => {
        $(impl Named for proto::$($request)::+ {
            const FIELD: &'static str = $field;
            const WHO: Who = Who::$who;

            fn request_id(&self) -> &str {
                &self.request_id
            }
        })*
    };
}

named!(
    "request_id", Anyone: RegisterRequest,
    RequestOtpRequest,
    VerifyOtpRequest,
    ResendOtpRequest,
    LoginRequest,
    RefreshRequest,
    LogoutRequest,
    ResetPasswordRequest,
);
named!("request_id", Owner: UpdateRequest, DeleteProfilePictureRequest);
named!("request_id", Leaver: DeleteRequest, RevokeSessionRequest);
named!(
    "request_id", Operator: SetAccountStateRequest,
    SetRoleRequest,
    SetAttributesRequest,
    RevokeSessionsRequest,
    RequirePasswordChangeRequest,
    ResetLimitRequest,
);
named!("header.request_id", Anyone: upload_profile_picture_request::Header);

/// The call under the name that its request bears; `None` where it bears none. Where an account is wanted and no token of ours is
/// there, it gets none: it is going to be refused, and that should cost no more than without a name.
///
/// Refusals: `INVALID_FIELD`.
pub(super) async fn named<Q: Named>(
    app: &App,
    call: &Call,
    method: &'static str,
    request: &Q,
) -> Result<Option<Call>> {
    let id = request.request_id();
    if id.is_empty() {
        return Ok(None);
    }
    let id = RequestId::parse(id)
        .map_err(|violation| Error::field(Q::FIELD, violation.reason, violation.text))?;
    let bearer = call.bearer.as_deref().unwrap_or_default();
    let session = match Q::WHO {
        Who::Operator => None,
        _ => match token::session(&app.keys, bearer) {
            None if token::meet(&app.keys, bearer).await => token::session(&app.keys, bearer),
            session => session,
        },
    };
    let sender = match (Q::WHO, &session, call.operator.as_deref()) {
        (Who::Operator, _, Some(operator)) => operator.name.as_bytes(),
        (_, Some(id), _) => id.as_bytes(),
        (Who::Anyone, None, _) => bearer.as_bytes(),
        _ => return Ok(None),
    };
    let name = Name {
        key: format!("{method}/{}", id.uuid()),
        fingerprint: fingerprint(call, method, sender, request),
        is_for_session: Q::WHO == Who::Owner,
    };
    Ok(Some(Call {
        named: Some(name),
        ..call.clone()
    }))
}

/// Runs `work` for the first delivery of a named call, and gives every other one what came of the first.
///
/// Refusals are not kept, since nothing was done.
///
/// Refusals: those of `work`, `REQUEST_ID_REUSED`, `DEADLINE_EXCEEDED`, `DEPENDENCY_UNAVAILABLE`.
pub(super) async fn once<O: DeserializeOwned>(
    app: &App,
    call: &Call,
    work: impl Future<Output = Result<O>>,
) -> Result<O> {
    let Some(name) = &call.named else {
        return work.await;
    };
    let owner = app.random.id(app.clock.now());
    // A claim that a panic left behind would hold up the next delivery for the whole lease.
    let done = AssertUnwindSafe(first_or_again(app, call, name, owner, work))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Error::Internal(String::from("a panic"))));
    // Another's claim does not bear this name and stays.
    if let Err(error) = app.kv.release(&name.key, owner).await {
        tracing::debug!(%error, "claim left to its lease");
    }
    done
}

async fn first_or_again<O: DeserializeOwned>(
    app: &App,
    call: &Call,
    name: &Name,
    owner: Uuid,
    work: impl Future<Output = Result<O>>,
) -> Result<O> {
    let mut look_at = Instant::now();
    loop {
        let claimed = app.kv.claim(&name.key, owner, LEASE).await;
        // Now and then also while another has the claim: it may have died after its commit.
        if !matches!(claimed, Ok(false)) || look_at <= Instant::now() {
            if let Some(outcome) = answered(app, call, name).await? {
                return Ok(outcome);
            }
            look_at = Instant::now() + LOOK_IN_SQL;
        }
        match claimed {
            Ok(true) => break,
            // The caller has gone, and the first call goes on without this one.
            Ok(false) if is_late(call) => return Err(Error::DeadlineExceeded),
            Ok(false) => tokio::time::sleep(LOOK).await,
            Err(error) => {
                tracing::debug!(%error, "no word on other deliveries: SQL decides alone");
                break;
            }
        }
    }
    match work.await {
        // What stood in the way may be the work of another delivery, or this one's, whose commit was not answered.
        Err(error) => answered(app, call, name).await?.ok_or(error),
        done => done,
    }
}

/// What came of an earlier delivery. An owner whose session has ended since is told that instead (I1).
async fn answered<O: DeserializeOwned>(app: &App, call: &Call, name: &Name) -> Result<Option<O>> {
    let outcome = replay::find(app, call).await?;
    if outcome.is_some() {
        if name.is_for_session {
            sessions::authenticate(app, call).await?;
        }
        revocation::outlast(app).await;
    }
    Ok(outcome)
}

fn is_late(call: &Call) -> bool {
    call.deadline
        .is_some_and(|deadline| deadline <= Instant::now())
}

/// What makes two requests the same: every byte of theirs, and who sends them.
///
/// Who sends is the session, and not one access token of it: a token that ends between two tries is replaced first.
fn fingerprint(call: &Call, method: &str, sender: &[u8], request: &impl Message) -> [u8; 32] {
    let mut hash = Context::new(&SHA256);
    for part in [
        method.as_bytes(),
        sender,
        call.realm.as_deref().unwrap_or_default().as_bytes(),
        &request.encode_to_vec(),
    ] {
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut print = [0; 32];
    print.copy_from_slice(hash.finish().as_ref());
    print
}
