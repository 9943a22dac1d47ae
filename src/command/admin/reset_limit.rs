//! `accountd admin limits reset`.

use std::process::ExitCode;

use clap::Args;

use super::{
    call::{Run, Session},
    get_limits::{Whose, table},
    shapes::Limit,
};
use crate::proto::ResetLimitRequest;

/// Which limit, and whose.
#[derive(Debug, Args)]
pub(super) struct ResetLimit {
    /// The limit's name, as `limits get` tells it for the same account and address.
    #[arg(value_name = "NAME")]
    limit: String,
    #[command(flatten)]
    whose: Whose,
}

impl Run for ResetLimit {
    async fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        let request = ResetLimitRequest {
            realm: session.realm.clone(),
            account_id: self.whose.account.clone(),
            peer_address: self.whose.peer_address.clone(),
            limit: self.limit.clone(),
            ..ResetLimitRequest::default()
        };
        let mut client = session.client();
        let call = client.reset_limit(session.request(request));
        let limit = session.answer(call).await?.limit.unwrap_or_default();
        let text = table(std::slice::from_ref(&limit));
        session.output.tell(&Limit::from(limit), &text)?;
        Ok(ExitCode::SUCCESS)
    }
}
