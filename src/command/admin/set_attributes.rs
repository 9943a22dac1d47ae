//! `accountd admin attributes`.

use std::process::ExitCode;

use clap::Args;
use prost_types::{FieldMask, Struct};
use serde_json::Value as Json;

use super::{
    call::{Run, Session},
    shapes::{Account, Changed},
    values::parse_attributes,
};
use crate::proto::SetAttributesRequest;

/// Which account, and its attributes from now on.
#[derive(Debug, Args)]
pub(super) struct SetAttributes {
    /// The account's id.
    #[arg(value_name = "ID")]
    account_id: String,
    /// A JSON object. It replaces all attributes that there are, unless --only is given.
    #[arg(value_name = "JSON", value_parser = attributes)]
    attributes: Struct,
    /// Set these attributes as the object has them, or remove them where it has not, and leave all others.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    only: Vec<String>,
}

impl Run for SetAttributes {
    async fn run(&self, session: &Session) -> anyhow::Result<ExitCode> {
        let mask = (!self.only.is_empty()).then(|| FieldMask {
            paths: self.only.clone(),
        });
        let request = SetAttributesRequest {
            realm: session.realm.clone(),
            account_id: self.account_id.clone(),
            attributes: Some(self.attributes.clone()),
            update_mask: mask,
            ..SetAttributesRequest::default()
        };
        let mut client = session.client();
        let call = client.set_attributes(session.request(request));
        let account = session.answer(call).await?.account;
        Changed {
            account: account.map(Account::from),
            ended_sessions: None,
        }
        .tell(session)
    }
}

fn attributes(text: &str) -> Result<Struct, String> {
    match serde_json::from_str(text) {
        Ok(Json::Object(object)) => parse_attributes(object).map_err(str::to_owned),
        _ => Err("is no JSON object such as '{\"level\": 3}'".to_owned()),
    }
}
