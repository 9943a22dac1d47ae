//! `accountd admin`: what operators do, by `AdminService` of an accountd that runs; and who the operators are.
//!
//! One file for each call, named as the RPC is. What goes to a terminal is freed of control characters first, since it comes
//! from people who are not operators.

mod call;
mod connection;
mod export_accounts;
mod get_account;
mod get_limits;
mod import_accounts;
mod list_accounts;
mod list_audit_events;
mod operator;
mod output;
mod private_file;
mod refusal;
mod require_password_change;
mod reset_limit;
mod revoke_sessions;
mod row;
mod set_account_state;
mod set_attributes;
mod set_role;
mod shapes;
mod table;
mod values;

use std::{path::Path, process::ExitCode};

use clap::{Args, Subcommand};

use call::Call;
use export_accounts::ExportAccounts;
use get_account::GetAccount;
use get_limits::GetLimits;
use import_accounts::ImportAccounts;
use list_accounts::ListAccounts;
use list_audit_events::ListAuditEvents;
use operator::Operator;
use output::Output;
use require_password_change::RequirePasswordChange;
use reset_limit::ResetLimit;
use revoke_sessions::RevokeSessions;
use set_account_state::{Activate, Suspend};
use set_attributes::SetAttributes;
use set_role::SetRole;

/// The arguments of `accountd admin`.
#[derive(Debug, Args)]
pub struct Admin {
    /// Print one JSON document instead of text; JSON Lines for lists, imports and exports.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show one account.
    Get(Call<GetAccount>),
    /// List accounts.
    List(Call<ListAccounts>),
    /// Stop an account, and end its sessions.
    Suspend(Call<Suspend>),
    /// Let an account go on, or activate one that waits for its code.
    Activate(Call<Activate>),
    /// Give an account another role.
    Role(Call<SetRole>),
    /// Change the extra attributes of an account.
    Attributes(Call<SetAttributes>),
    /// End sessions.
    #[command(subcommand)]
    Sessions(Sessions),
    /// Make the password of an account useless, and end its sessions.
    RequirePasswordChange(Call<RequirePasswordChange>),
    /// List what was decided, newest first.
    Audit(Call<ListAuditEvents>),
    /// Look at limits, or give them back.
    #[command(subcommand)]
    Limits(Limits),
    /// Make accounts from a file of JSON Lines.
    Import(Call<ImportAccounts>),
    /// Write all accounts of a realm to a file of JSON Lines.
    Export(Call<ExportAccounts>),
    /// Add, list or remove operators, in the file that the configuration names on this machine.
    #[command(subcommand)]
    Operator(Operator),
}

#[derive(Debug, Subcommand)]
enum Sessions {
    /// End one session of an account, or all of them.
    Revoke(Call<RevokeSessions>),
}

#[derive(Debug, Subcommand)]
enum Limits {
    /// Tell how much of each limit an account or a network address has used up.
    Get(Call<GetLimits>),
    /// Give one limit of an account or of a network address back.
    Reset(Call<ResetLimit>),
}

/// Does what the arguments say, with the configuration file at `path` and the variables of this process where it is needed.
///
/// Exits 1 when the call, or a row of an import, was refused. With `--json` the refusal is a document too.
pub fn run(admin: Admin, path: Option<&Path>) -> anyhow::Result<ExitCode> {
    let output = Output::new(admin.json);
    admin.command.run(output, path).or_else(|error| {
        if admin.json {
            output.error(&error)?;
            return Ok(ExitCode::FAILURE);
        }
        Err(error)
    })
}

impl Command {
    fn run(self, output: Output, path: Option<&Path>) -> anyhow::Result<ExitCode> {
        match self {
            Self::Get(call) => call.run(output, path),
            Self::List(call) => call.run(output, path),
            Self::Suspend(call) => call.run(output, path),
            Self::Activate(call) => call.run(output, path),
            Self::Role(call) => call.run(output, path),
            Self::Attributes(call) => call.run(output, path),
            Self::Sessions(Sessions::Revoke(call)) => call.run(output, path),
            Self::RequirePasswordChange(call) => call.run(output, path),
            Self::Audit(call) => call.run(output, path),
            Self::Limits(Limits::Get(call)) => call.run(output, path),
            Self::Limits(Limits::Reset(call)) => call.run(output, path),
            Self::Import(call) => call.run(output, path),
            Self::Export(call) => call.run(output, path),
            Self::Operator(operator) => operator::run(operator, output, path),
        }
    }
}
