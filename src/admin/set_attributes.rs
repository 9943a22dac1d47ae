//! Other attributes.

use std::collections::BTreeSet;

use sea_orm::ActiveValue::Set;
use serde_json::{Map, Value};

use super::edit::{Applied, Desk, Edit, Edited, Target, edit};
use crate::{
    accounts::fields::{AttributeViolation, Attributes},
    app::{App, Call},
    audit::Action,
    error::{Error, FieldFault, Result},
    store::account::ActiveModel,
};

/// What becomes of the attributes.
#[derive(Debug)]
pub struct NewAttributes {
    /// The new values.
    pub values: Map<String, Value>,
    /// The names to change, all others staying; none: `values` replace all there are.
    pub only: Option<BTreeSet<String>>,
}

/// Changes the attributes of an account, which must satisfy the realm's schema afterwards.
///
/// Refusals: `ACCOUNT_NOT_FOUND`, `ETAG_MISMATCH`, `INVALID_FIELD`.
pub async fn set_attributes(
    app: &App,
    call: &Call,
    target: &Target,
    attributes: &NewAttributes,
) -> Result<Edited> {
    edit(app, call, target, attributes).await
}

impl Edit for NewAttributes {
    const ACTION: Action = Action::SetAttributes;

    async fn apply(&self, desk: &Desk<'_>, active: &mut ActiveModel) -> Result<Applied> {
        let Some(schema) = &desk.realm.attributes else {
            let text = "the realm has no attributes";
            return Err(Error::field("attributes", "NOT_SUPPORTED", text));
        };
        let before = match &desk.account.attributes {
            Some(text) => serde_json::from_str(text)
                .map_err(|error| Error::Internal(format!("stored attributes: {error}")))?,
            None => Map::new(),
        };
        let after = self.merged(before.clone());
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let changed: Vec<&str> = names
            .into_iter()
            .filter(|name| before.get(*name) != after.get(*name))
            .map(String::as_str)
            .collect();
        let applied = Applied {
            is_changed: !changed.is_empty(),
            // Values may be personal; names are the schema's.
            detail: changed.join(", "),
            ..Applied::default()
        };
        let attributes = Attributes::parse(after, schema).map_err(refusal)?;
        let text = serde_json::to_string(attributes.as_map())
            .map_err(|error| Error::Internal(format!("attributes: {error}")))?;
        active.attributes = Set(Some(text));
        Ok(applied)
    }
}

impl NewAttributes {
    fn merged(&self, mut before: Map<String, Value>) -> Map<String, Value> {
        let Some(only) = &self.only else {
            return self.values.clone();
        };
        for name in only {
            match self.values.get(name) {
                Some(value) => before.insert(name.clone(), value.clone()),
                None => before.remove(name),
            };
        }
        before
    }
}

fn refusal(faults: Vec<AttributeViolation>) -> Error {
    let faults = faults.into_iter().map(|fault| FieldFault {
        field: format!("attributes{}", fault.pointer),
        reason: fault.violation.reason,
        text: fault.violation.text,
    });
    Error::InvalidField(faults.collect())
}
