//! `AccountService`: one file per RPC, which turns the request into an operation's input and its result into the answer.

mod delete;
mod delete_profile_picture;
mod download_profile_picture;
mod get_current;
mod list_sessions;
mod login;
mod logout;
mod refresh;
mod register;
mod request_otp;
mod resend_otp;
mod reset_password;
mod revoke_session;
mod update;
mod upload_profile_picture;
mod verify_otp;

use std::{future::Future, sync::Arc};

use serde::de::DeserializeOwned;
use tonic::{Request, Response, Status, Streaming};

use self::upload_profile_picture::Arrived;
use super::{
    replay::Named,
    run::{Answer, name, open, to_its_end},
    status::status,
    transfers::Transfers,
};
use crate::{
    app::{App, Call},
    error::Result,
    proto::{self, account_service_server::AccountService},
};

/// The service behind the policy.
#[derive(Clone, Debug)]
pub(super) struct Accounts {
    app: Arc<App>,
    transfers: Transfers,
}

impl Accounts {
    pub(super) fn new(app: Arc<App>) -> Self {
        let transfers = Transfers::new(&app.pictures);
        Self { app, transfers }
    }

    /// Answers a call that changes nothing.
    async fn read<Q, A, Work>(
        &self,
        request: Request<Q>,
        operation: impl FnOnce(Arc<App>, Arc<Call>, Q) -> Work,
    ) -> Result<Response<A>, Status>
    where
        Work: Future<Output = Result<A>>,
    {
        let (call, request) = open(request)?;
        operation(Arc::clone(&self.app), Arc::clone(&call), request)
            .await
            .map(Response::new)
            .map_err(|error| status(&error, &call.request_id))
    }

    /// Answers a call that changes something, on a task of its own: when the client goes away, tonic drops this future,
    /// and the change must be whole all the same.
    async fn change<Q, O, A, Work>(
        &self,
        method: &'static str,
        request: Request<Q>,
        operation: fn(Arc<App>, Arc<Call>, Q) -> Work,
        answer: fn(O) -> A,
    ) -> Result<Response<A>, Status>
    where
        Q: Named + 'static,
        O: DeserializeOwned + Send + 'static,
        A: Send + 'static,
        Work: Future<Output = Result<O>> + Send + 'static,
    {
        let (call, request) = open(request)?;
        let call = name(&self.app, &call, method, &request).await?;
        let work = Box::pin(operation(Arc::clone(&self.app), Arc::clone(&call), request));
        to_its_end(&self.app, call, work, answer).await
    }
}

#[tonic::async_trait]
impl AccountService for Accounts {
    async fn register(
        &self,
        request: Request<proto::RegisterRequest>,
    ) -> Answer<proto::RegisterResponse> {
        self.change("Register", request, register::register, register::answer)
            .await
    }

    async fn request_otp(
        &self,
        request: Request<proto::RequestOtpRequest>,
    ) -> Answer<proto::RequestOtpResponse> {
        self.change(
            "RequestOtp",
            request,
            request_otp::request_otp,
            request_otp::answer,
        )
        .await
    }

    async fn verify_otp(
        &self,
        request: Request<proto::VerifyOtpRequest>,
    ) -> Answer<proto::VerifyOtpResponse> {
        self.change(
            "VerifyOtp",
            request,
            verify_otp::verify_otp,
            verify_otp::answer,
        )
        .await
    }

    async fn resend_otp(
        &self,
        request: Request<proto::ResendOtpRequest>,
    ) -> Answer<proto::ResendOtpResponse> {
        self.change(
            "ResendOtp",
            request,
            resend_otp::resend_otp,
            resend_otp::answer,
        )
        .await
    }

    async fn login(&self, request: Request<proto::LoginRequest>) -> Answer<proto::LoginResponse> {
        self.change("Login", request, login::login, login::answer)
            .await
    }

    async fn refresh(
        &self,
        request: Request<proto::RefreshRequest>,
    ) -> Answer<proto::RefreshResponse> {
        self.change("Refresh", request, refresh::refresh, refresh::answer)
            .await
    }

    async fn logout(
        &self,
        request: Request<proto::LogoutRequest>,
    ) -> Answer<proto::LogoutResponse> {
        self.change("Logout", request, logout::logout, logout::answer)
            .await
    }

    async fn get_current(
        &self,
        request: Request<proto::GetCurrentRequest>,
    ) -> Answer<proto::GetCurrentResponse> {
        self.read(request, get_current::get_current).await
    }

    async fn update(
        &self,
        request: Request<proto::UpdateRequest>,
    ) -> Answer<proto::UpdateResponse> {
        self.change("Update", request, update::update, update::answer)
            .await
    }

    async fn delete(
        &self,
        request: Request<proto::DeleteRequest>,
    ) -> Answer<proto::DeleteResponse> {
        self.change("Delete", request, delete::delete, delete::answer)
            .await
    }

    async fn reset_password(
        &self,
        request: Request<proto::ResetPasswordRequest>,
    ) -> Answer<proto::ResetPasswordResponse> {
        self.change(
            "ResetPassword",
            request,
            reset_password::reset_password,
            reset_password::answer,
        )
        .await
    }

    async fn list_sessions(
        &self,
        request: Request<proto::ListSessionsRequest>,
    ) -> Answer<proto::ListSessionsResponse> {
        self.read(request, list_sessions::list_sessions).await
    }

    async fn revoke_session(
        &self,
        request: Request<proto::RevokeSessionRequest>,
    ) -> Answer<proto::RevokeSessionResponse> {
        self.change(
            "RevokeSession",
            request,
            revoke_session::revoke_session,
            revoke_session::answer,
        )
        .await
    }

    async fn upload_profile_picture(
        &self,
        request: Request<Streaming<proto::UploadProfilePictureRequest>>,
    ) -> Answer<proto::UploadProfilePictureResponse> {
        let (call, stream) = open(request)?;
        let app = &self.app;
        let id = call.request_id.clone();
        // While the file arrives nothing is done yet, and a client that goes away takes everything with it.
        let arrived = upload_profile_picture::receive(app, call, &self.transfers, stream)
            .await
            .map_err(|error| status(&error, &id))?;
        let (call, received) = match arrived {
            Arrived::Again(account) => {
                return Ok(Response::new(upload_profile_picture::answer(*account)));
            }
            Arrived::File(call, received) => (call, received),
        };
        let work = Box::pin(upload_profile_picture::finish(
            Arc::clone(app),
            Arc::clone(&call),
            *received,
        ));
        to_its_end(app, call, work, upload_profile_picture::answer).await
    }

    type DownloadProfilePictureStream = download_profile_picture::Outgoing;

    async fn download_profile_picture(
        &self,
        request: Request<proto::DownloadProfilePictureRequest>,
    ) -> Answer<Self::DownloadProfilePictureStream> {
        let (call, request) = open(request)?;
        download_profile_picture::download_profile_picture(
            &self.app,
            &call,
            &self.transfers,
            request,
        )
        .await
        .map(Response::new)
        .map_err(|error| status(&error, &call.request_id))
    }

    async fn delete_profile_picture(
        &self,
        request: Request<proto::DeleteProfilePictureRequest>,
    ) -> Answer<proto::DeleteProfilePictureResponse> {
        self.change(
            "DeleteProfilePicture",
            request,
            delete_profile_picture::delete_profile_picture,
            delete_profile_picture::answer,
        )
        .await
    }
}
