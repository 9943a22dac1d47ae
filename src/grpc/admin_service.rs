//! `AdminService`: one file per RPC, which turns the request into an operation's input and its result into the answer.

mod admit;
mod answers;
mod ask;
mod export_accounts;
mod get_account;
mod get_limits;
mod import_accounts;
mod list_accounts;
mod list_audit_events;
mod require_password_change;
mod reset_limit;
mod revoke_sessions;
mod row;
mod set_account_state;
mod set_attributes;
mod set_role;
mod target;

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use futures_util::Stream;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tonic::{Request, Status, Streaming};

use self::ask::Ask;
use super::{
    replay::Named,
    run::{Answer, name, open, to_its_end},
    status::status,
};
use crate::{
    app::{App, Call, Realm},
    error::Result,
    operators::Operators,
    proto::{self, admin_service_server::AdminService},
};

/// The service behind the policy.
#[derive(Clone, Debug)]
pub(super) struct Admins {
    app: Arc<App>,
    operators: Operators,
    /// The longest that a stream may take.
    stream_deadline: Duration,
}

/// The rows that an import or an export answers with.
type Rows<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Admins {
    pub(super) const fn new(
        app: Arc<App>,
        operators: Operators,
        stream_deadline: Duration,
    ) -> Self {
        Self {
            app,
            operators,
            stream_deadline,
        }
    }

    /// When a stream ends at the latest: at the deadline that its caller gave, or at ours.
    fn end(&self, call: &Call) -> Instant {
        let ours = Instant::now() + self.stream_deadline;
        call.deadline.map_or(ours, |deadline| deadline.min(ours))
    }

    /// Answers a call that changes nothing.
    async fn read<Q: Ask, A, Work>(
        &self,
        request: Request<Q>,
        operation: fn(Arc<App>, Arc<Call>, Arc<Realm>, Q) -> Work,
    ) -> Answer<A>
    where
        Work: Future<Output = Result<A>>,
    {
        let certificate = admit::certificate(&request);
        let (call, request) = open(request)?;
        let app = Arc::clone(&self.app);
        let (call, realm) = self.admit::<Q>(call, certificate, request.realm()).await?;
        operation(app, Arc::clone(&call), realm, request)
            .await
            .map(tonic::Response::new)
            .map_err(|error| status(&error, &call.request_id))
    }

    /// Answers a call that changes something, on a task of its own: it is whole also when the client goes away.
    async fn change<Q, O, A, Work>(
        &self,
        method: &'static str,
        request: Request<Q>,
        operation: fn(Arc<App>, Arc<Call>, Arc<Realm>, Q) -> Work,
        answer: fn(O) -> A,
    ) -> Answer<A>
    where
        Q: Ask + Named + 'static,
        O: DeserializeOwned + Send + 'static,
        A: Send + 'static,
        Work: Future<Output = Result<O>> + Send + 'static,
    {
        let certificate = admit::certificate(&request);
        let (call, request) = open(request)?;
        let app = Arc::clone(&self.app);
        let (call, realm) = self.admit::<Q>(call, certificate, request.realm()).await?;
        let call = name(&app, &call, method, &request).await?;
        let work = Box::pin(operation(
            Arc::clone(&app),
            Arc::clone(&call),
            realm,
            request,
        ));
        to_its_end(&app, call, work, answer).await
    }
}

#[tonic::async_trait]
impl AdminService for Admins {
    async fn get_account(
        &self,
        request: Request<proto::GetAccountRequest>,
    ) -> Answer<proto::GetAccountResponse> {
        self.read(request, get_account::get_account).await
    }

    async fn list_accounts(
        &self,
        request: Request<proto::ListAccountsRequest>,
    ) -> Answer<proto::ListAccountsResponse> {
        self.read(request, list_accounts::list_accounts).await
    }

    async fn set_account_state(
        &self,
        request: Request<proto::SetAccountStateRequest>,
    ) -> Answer<proto::SetAccountStateResponse> {
        self.change(
            "SetAccountState",
            request,
            set_account_state::set_account_state,
            set_account_state::answer,
        )
        .await
    }

    async fn set_role(
        &self,
        request: Request<proto::SetRoleRequest>,
    ) -> Answer<proto::SetRoleResponse> {
        self.change("SetRole", request, set_role::set_role, set_role::answer)
            .await
    }

    async fn set_attributes(
        &self,
        request: Request<proto::SetAttributesRequest>,
    ) -> Answer<proto::SetAttributesResponse> {
        self.change(
            "SetAttributes",
            request,
            set_attributes::set_attributes,
            set_attributes::answer,
        )
        .await
    }

    async fn revoke_sessions(
        &self,
        request: Request<proto::RevokeSessionsRequest>,
    ) -> Answer<proto::RevokeSessionsResponse> {
        self.change(
            "RevokeSessions",
            request,
            revoke_sessions::revoke_sessions,
            revoke_sessions::answer,
        )
        .await
    }

    async fn require_password_change(
        &self,
        request: Request<proto::RequirePasswordChangeRequest>,
    ) -> Answer<proto::RequirePasswordChangeResponse> {
        self.change(
            "RequirePasswordChange",
            request,
            require_password_change::require_password_change,
            require_password_change::answer,
        )
        .await
    }

    async fn list_audit_events(
        &self,
        request: Request<proto::ListAuditEventsRequest>,
    ) -> Answer<proto::ListAuditEventsResponse> {
        self.read(request, list_audit_events::list_audit_events)
            .await
    }

    async fn get_limits(
        &self,
        request: Request<proto::GetLimitsRequest>,
    ) -> Answer<proto::GetLimitsResponse> {
        self.read(request, get_limits::get_limits).await
    }

    async fn reset_limit(
        &self,
        request: Request<proto::ResetLimitRequest>,
    ) -> Answer<proto::ResetLimitResponse> {
        self.change(
            "ResetLimit",
            request,
            reset_limit::reset_limit,
            reset_limit::answer,
        )
        .await
    }

    type ImportAccountsStream = Rows<proto::ImportAccountsResponse>;

    async fn import_accounts(
        &self,
        request: Request<Streaming<proto::ImportAccountsRequest>>,
    ) -> Answer<Self::ImportAccountsStream> {
        import_accounts::import_accounts(self, request).await
    }

    type ExportAccountsStream = Rows<proto::ExportAccountsResponse>;

    async fn export_accounts(
        &self,
        request: Request<proto::ExportAccountsRequest>,
    ) -> Answer<Self::ExportAccountsStream> {
        export_accounts::export_accounts(self, request).await
    }
}
