//! `accountd admin limits get`.

use std::process::ExitCode;

use clap::Args;

use super::{
    call::{Run, Session},
    output::json_line,
    shapes::Limit,
    table::Table,
    values::short_time,
};
use crate::proto::{self, GetLimitsRequest};

/// Whose limits.
#[derive(Debug, Args)]
pub(super) struct GetLimits {
    #[command(flatten)]
    whose: Whose,
}

/// An account, or a network address, or both: its tries at the account.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(super) struct Whose {
    /// The account's id.
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(super) account: String,
    /// A network address: the limits on what comes from there, and on its tries at the account.
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) peer_address: String,
}

impl Run for GetLimits {
    async fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        let request = GetLimitsRequest {
            realm: session.realm.clone(),
            account_id: self.whose.account.clone(),
            peer_address: self.whose.peer_address.clone(),
        };
        let mut client = session.client();
        let call = client.get_limits(session.request(request));
        let limits = session.answer(call).await?.limits;
        tell(session, limits)
    }
}

/// Prints limits, a line each.
fn tell(session: &Session, limits: Vec<proto::Limit>) -> anyhow::Result<ExitCode> {
    let text = if session.output.is_json() {
        let lines = limits.into_iter().map(Limit::from);
        lines.map(|one| json_line(&one)).collect::<Result<_, _>>()?
    } else {
        table(&limits)
    };
    session.output.print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The table of limits.
pub(super) fn table(limits: &[proto::Limit]) -> String {
    let rows: Vec<[String; 5]> = limits.iter().map(row).collect();
    Table::new(["NAME", "USED", "MOST", "NEXT TRY", "FULL AGAIN"]).lines(&rows)
}

fn row(limit: &proto::Limit) -> [String; 5] {
    let most = match limit.most {
        0 => "no limit".to_owned(),
        most => most.to_string(),
    };
    let next = match limit.retry_time {
        None => "now".to_owned(),
        at => short_time(at),
    };
    [
        limit.name.clone(),
        limit.used.to_string(),
        most,
        next,
        short_time(limit.full_time),
    ]
}
