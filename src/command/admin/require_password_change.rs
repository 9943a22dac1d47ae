//! `accountd admin require-password-change`.

use std::process::ExitCode;

use clap::Args;

use super::{
    call::{Run, Session},
    set_account_state::Subject,
    shapes::{Account, Changed},
};
use crate::proto::RequirePasswordChangeRequest;

/// Whose password.
#[derive(Debug, Args)]
pub(super) struct RequirePasswordChange {
    #[command(flatten)]
    subject: Subject,
}

impl Run for RequirePasswordChange {
    async fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        let request = RequirePasswordChangeRequest {
            realm: session.realm.clone(),
            account_id: self.subject.account_id.clone(),
            reason: self.subject.reason.clone(),
            ..RequirePasswordChangeRequest::default()
        };
        let mut client = session.client();
        let call = client.require_password_change(session.request(request));
        let answer = session.answer(call).await?;
        Changed {
            account: answer.account.map(Account::from),
            ended_sessions: Some(answer.ended_sessions),
        }
        .tell(session)
    }
}
