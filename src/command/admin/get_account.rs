//! `accountd admin get`.

use std::process::ExitCode;

use clap::Args;

use super::{
    call::{Run, Session},
    shapes::AccountRecord,
    table::pairs,
};
use crate::proto::{GetAccountRequest, get_account_request::Name};

/// One of the account's names.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct GetAccount {
    /// Its id.
    #[arg(long)]
    id: Option<String>,
    /// Its user name, in any spelling.
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Its address, in any spelling.
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Its phone number.
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// Its name in another system.
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,
}

impl GetAccount {
    fn name(&self) -> Option<Name> {
        let names = [
            (&self.id, Name::AccountId as fn(String) -> Name),
            (&self.username, Name::Username),
            (&self.email, Name::Email),
            (&self.phone, Name::Phone),
            (&self.external_id, Name::ExternalId),
        ];
        names
            .into_iter()
            .find_map(|(given, name)| given.clone().map(name))
    }
}

impl Run for GetAccount {
    async fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        let request = GetAccountRequest {
            realm: session.realm.clone(),
            name: self.name(),
        };
        let mut client = session.client();
        let call = client.get_account(session.request(request));
        let record = session.answer(call).await?.record.unwrap_or_default();
        let record = AccountRecord::from(record);
        session.output.tell(&record, &pairs(&record.pairs()))?;
        Ok(ExitCode::SUCCESS)
    }
}
