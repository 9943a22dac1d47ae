//! `accountd admin audit`.

use std::process::ExitCode;

use clap::Args;
use prost_types::Timestamp;

use super::{
    call::{Run, Session},
    list_accounts::Pages,
    output::json_line,
    shapes::AuditEvent,
    table::Table,
    values::{parse_time, short_time},
};
use crate::proto::{self, ListAuditEventsRequest};

/// Which events, and how many.
#[derive(Debug, Args)]
pub(super) struct ListAuditEvents {
    /// Whose events.
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    account: String,
    /// Whose acts.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    operator: String,
    /// What was asked for, such as `login`.
    #[arg(
        long,
        value_name = "WORD",
        default_value = "",
        hide_default_value = true
    )]
    action: String,
    /// What came of it: `OK`, or the reason of a refusal.
    #[arg(
        long,
        value_name = "WORD",
        default_value = "",
        hide_default_value = true
    )]
    outcome: String,
    /// The first instant, in RFC 3339.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    since: Option<Timestamp>,
    /// The instant before which, in RFC 3339.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    until: Option<Timestamp>,
    /// How many at most; 0 means all.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
}

impl Run for ListAuditEvents {
    async fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        let mut table = Table::new([
            "TIME", "ACTION", "OUTCOME", "ACCOUNT", "OPERATOR", "FROM", "DETAIL",
        ]);
        let mut pages = Pages::new(self.limit);
        while let Some(page_size) = pages.next_size() {
            let request = ListAuditEventsRequest {
                realm: session.realm.clone(),
                page_size,
                page_token: pages.token.clone(),
                account_id: self.account.clone(),
                operator: self.operator.clone(),
                action: self.action.clone(),
                outcome: self.outcome.clone(),
                start_time: self.since,
                end_time: self.until,
            };
            let mut client = session.client();
            let call = client.list_audit_events(session.request(request));
            let answer = session.answer(call).await?;
            let events = pages.take(answer.events, answer.next_page_token);
            session.output.print(&if session.output.is_json() {
                let lines = events.into_iter().map(AuditEvent::from);
                lines.map(|one| json_line(&one)).collect::<Result<_, _>>()?
            } else {
                table.lines(&events.into_iter().map(row).collect::<Vec<_>>())
            })?;
        }
        pages.tell_of_more();
        Ok(ExitCode::SUCCESS)
    }
}

fn row(event: proto::AuditEvent) -> [String; 7] {
    [
        short_time(event.time),
        event.action,
        event.outcome,
        event.account_id,
        event.operator,
        event.peer_address,
        event.detail,
    ]
}
