//! `accountd admin role`.

use std::process::ExitCode;

use clap::Args;

use super::{
    call::{Run, Session},
    shapes::{Account, Changed},
};
use crate::proto::SetRoleRequest;

/// Which account, and its role from now on.
#[derive(Debug, Args)]
pub(super) struct SetRole {
    /// The account's id.
    #[arg(value_name = "ID")]
    account_id: String,
    /// 1 to 64 letters, digits and `._:-`.
    role: String,
}

impl Run for SetRole {
    async fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        let request = SetRoleRequest {
            realm: session.realm.clone(),
            account_id: self.account_id.clone(),
            role: self.role.clone(),
            ..SetRoleRequest::default()
        };
        let mut client = session.client();
        let call = client.set_role(session.request(request));
        let account = session.answer(call).await?.account;
        Changed {
            account: account.map(Account::from),
            ended_sessions: None,
        }
        .tell(session)
    }
}
