//! `accountd admin suspend` and `activate`.

use std::process::ExitCode;

use clap::Args;

use super::{
    call::{Run, Session},
    shapes::{Account, Changed},
    table::pairs,
};
use crate::proto::{AccountState, SetAccountStateRequest};

/// Which account to stop.
#[derive(Debug, Args)]
pub(super) struct Suspend {
    #[command(flatten)]
    subject: Subject,
}

/// Which account to let go on.
#[derive(Debug, Args)]
pub(super) struct Activate {
    #[command(flatten)]
    subject: Subject,
}

/// An account, and why something is done to it.
#[derive(Debug, Args)]
pub(super) struct Subject {
    /// The account's id.
    #[arg(value_name = "ID")]
    pub(super) account_id: String,
    /// Why, for the audit event; at most 256 characters.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) reason: String,
}

impl Run for Suspend {
    async fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        set(session, &self.subject, AccountState::Suspended).await
    }
}

impl Run for Activate {
    async fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        set(session, &self.subject, AccountState::Active).await
    }
}

async fn set(
    session: &Session,
    subject: &Subject,
    state: AccountState,
) -> anyhow::Result<ExitCode> {
    let request = SetAccountStateRequest {
        realm: session.realm.clone(),
        account_id: subject.account_id.clone(),
        state: state.into(),
        reason: subject.reason.clone(),
        ..SetAccountStateRequest::default()
    };
    let mut client = session.client();
    let call = client.set_account_state(session.request(request));
    let answer = session.answer(call).await?;
    Changed {
        account: answer.account.map(Account::from),
        ended_sessions: Some(answer.ended_sessions),
    }
    .tell(session)
}

impl Changed {
    /// Prints the account as it is now.
    pub(super) fn tell(&self, session: &Session) -> anyhow::Result<ExitCode> {
        let mut told = self
            .account
            .as_ref()
            .map(Account::pairs)
            .unwrap_or_default();
        if let Some(count) = self.ended_sessions {
            told.push(("ended_sessions", count.to_string()));
        }
        session.output.tell(self, &pairs(&told))?;
        Ok(ExitCode::SUCCESS)
    }
}
