//! `accountd admin sessions revoke`.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::{
    call::{Run, Session},
    set_account_state::Subject,
};
use crate::proto::RevokeSessionsRequest;

/// Whose sessions to end.
#[derive(Debug, Args)]
pub(super) struct RevokeSessions {
    #[command(flatten)]
    subject: Subject,
    /// The one session to end; all when left out.
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    session: String,
}

#[derive(Serialize)]
struct Ended {
    ended_sessions: i32,
}

impl Run for RevokeSessions {
    async fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        let request = RevokeSessionsRequest {
            realm: session.realm.clone(),
            account_id: self.subject.account_id.clone(),
            session_id: self.session.clone(),
            reason: self.subject.reason.clone(),
            ..RevokeSessionsRequest::default()
        };
        let mut client = session.client();
        let call = client.revoke_sessions(session.request(request));
        let ended_sessions = session.answer(call).await?.ended_sessions;
        let text = format!("sessions ended: {ended_sessions}\n");
        session.output.tell(&Ended { ended_sessions }, &text)?;
        Ok(ExitCode::SUCCESS)
    }
}
