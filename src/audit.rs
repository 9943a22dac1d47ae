//! One event per authentication decision, with the call's id and no secret.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{
    app::{App, Call},
    error::{Error, Result},
    faults::Bug,
    replay,
    store::audit_event,
};

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A new account.
    Register,
    /// A session by password, or the first step to one.
    Login,
    /// A code given back.
    VerifyOtp,
    /// The next pair of tokens.
    Refresh,
    /// The end of sessions.
    Logout,
    /// A change that wants the owner at the keyboard.
    Update,
    /// The end of an account.
    Delete,
    /// A new password by code.
    ResetPassword,
    /// A new picture.
    UploadPicture,
    /// The end of a picture.
    DeletePicture,
    /// An operator's look at an account.
    GetAccount,
    /// An operator's look at many.
    ListAccounts,
    /// An operator stops an account, or lets it go on.
    SetAccountState,
    /// Another role, by an operator.
    SetRole,
    /// Other attributes, by an operator.
    SetAttributes,
    /// The end of sessions, by an operator.
    RevokeSessions,
    /// The end of a password, by an operator.
    RequirePasswordChange,
    /// An operator's look at events.
    ListAuditEvents,
    /// An operator's look at limits.
    GetLimits,
    /// A limit given back by an operator.
    ResetLimit,
    /// An account brought in by an operator.
    ImportAccounts,
    /// All accounts of a realm, taken out by an operator.
    ExportAccounts,
}

impl Action {
    const fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Login => "login",
            Self::VerifyOtp => "verify_otp",
            Self::Refresh => "refresh",
            Self::Logout => "logout",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::ResetPassword => "reset_password",
            Self::UploadPicture => "upload_picture",
            Self::DeletePicture => "delete_picture",
            Self::GetAccount => "get_account",
            Self::ListAccounts => "list_accounts",
            Self::SetAccountState => "set_account_state",
            Self::SetRole => "set_role",
            Self::SetAttributes => "set_attributes",
            Self::RevokeSessions => "revoke_sessions",
            Self::RequirePasswordChange => "require_password_change",
            Self::ListAuditEvents => "list_audit_events",
            Self::GetLimits => "get_limits",
            Self::ResetLimit => "reset_limit",
            Self::ImportAccounts => "import_accounts",
            Self::ExportAccounts => "export_accounts",
        }
    }
}

/// What an operation has found out so far about the decision that it is to make.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    /// The realm, once it is known.
    pub realm: String,
    /// The account, once it is known.
    pub account_id: Option<Uuid>,
    /// The session, once it is known.
    pub session_id: Option<Uuid>,
    /// What an operator changes, and why.
    pub detail: Option<String>,
}

/// Writes the event of a decision in favour of the caller, in the transaction of what it allows.
pub async fn allowed(
    app: &App,
    db: &impl ConnectionTrait,
    call: &Call,
    action: Action,
    trail: &Trail,
) -> Result<()> {
    let event = permission(app, call, action, trail);
    Ok(audit_event::Entity::add(db, event).await?)
}

/// The event of a decision in favour of the caller, to be written with what it allows.
pub fn permission(app: &App, call: &Call, action: Action, trail: &Trail) -> audit_event::Model {
    event(app, call, action, trail, "OK")
}

/// Writes the event of a decision against the caller, and hands `done` on.
///
/// A call that was not decided (bad input, a limit, no capacity, a dependency that does not answer) leaves no event; nor does
/// a delivery that met the work of another one of the same call, whose answer it is told instead. A decision whose event
/// cannot be written is not told: the caller is answered that the database does not answer.
pub async fn refused<T>(
    app: &App,
    call: &Call,
    action: Action,
    trail: &Trail,
    done: Result<T>,
) -> Result<T> {
    if let Err(error) = &done
        && is_decision(error)
        && !app.faults.has(Bug::RefusalsLeaveNoEvent)
        && !replay::is_answered(app, &app.db, call).await?
    {
        let event = event(app, call, action, trail, error.reason());
        audit_event::Entity::add(&app.db, event).await?;
    }
    done
}

const fn is_decision(error: &Error) -> bool {
    !matches!(
        error,
        Error::InvalidField(_)
            | Error::MalformedRequest
            | Error::RealmUnknown { .. }
            | Error::FeatureDisabled { .. }
            | Error::EtagMismatch { .. }
            | Error::RequestIdReused
            | Error::Conflict
            | Error::CodeResendTooSoon { .. }
            | Error::CodeQuotaExceeded { .. }
            | Error::RateLimited { .. }
            | Error::Overloaded { .. }
            | Error::DeadlineExceeded
            | Error::PictureNotFound
            | Error::PictureTypeUnsupported { .. }
            | Error::PictureTooLarge { .. }
            | Error::PictureMalformed { .. }
            | Error::UploadMismatch { .. }
            | Error::TransferTooSlow
            | Error::PictureDamaged
            | Error::LimitNotFound
            | Error::DependencyUnavailable { .. }
            | Error::Internal(_)
    )
}

fn event(
    app: &App,
    call: &Call,
    action: Action,
    trail: &Trail,
    outcome: &str,
) -> audit_event::Model {
    let now = app.clock.now();
    audit_event::Model {
        id: app.random.id(now),
        at: now.millis(),
        realm: trail.realm.clone(),
        account_id: trail.account_id,
        session_id: trail.session_id,
        action: action.name().to_owned(),
        outcome: outcome.to_owned(),
        peer_address: call.peer.to_string(),
        request_id: call.request_id.clone(),
        operator: call.operator.as_ref().map(|operator| operator.name.clone()),
        detail: trail.detail.clone(),
    }
}
