//! Extra attributes, under the realm's schema.

use accountd::proto::SetAttributesRequest;
use prost_types::{FieldMask, Struct, Value, value::Kind};
use serde_json::json;
use tonic::Code;

use super::by_id;
use crate::support::{
    client::assert_refused,
    office::{Office, Operator},
    service::{Ground, on_both_engines},
};

fn value(text: &str) -> Value {
    Value {
        kind: Some(Kind::StringValue(text.to_owned())),
    }
}

fn set(id: &str, values: &[(&str, &str)], only: Option<&[&str]>) -> SetAttributesRequest {
    let fields = values
        .iter()
        .map(|(name, text)| ((*name).to_owned(), value(text)));
    SetAttributesRequest {
        account_id: id.to_owned(),
        attributes: Some(Struct {
            fields: fields.collect(),
        }),
        update_mask: only.map(|paths| FieldMask {
            paths: paths.iter().map(|&path| path.to_owned()).collect(),
        }),
        ..SetAttributesRequest::default()
    }
}

/// The attributes of an account, each with its text.
async fn attributes(chief: &Operator, id: &str) -> Vec<(String, String)> {
    let record = chief.get_account(by_id(id)).await.unwrap().record.unwrap();
    let fields = record
        .account
        .unwrap()
        .attributes
        .unwrap_or_default()
        .fields;
    let text = |value: Value| match value.kind {
        Some(Kind::StringValue(text)) => text,
        other => panic!("{other:?}"),
    };
    fields
        .into_iter()
        .map(|(name, value)| (name, text(value)))
        .collect()
}

fn pairs(values: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    values.iter().map(own).collect()
}

on_both_engines! {
    async fn attributes_are_merged_or_replaced_under_the_schema(engines) {
        let ground = Ground::with(engines, |settings| {
            let schema = json!({
                "type": "object",
                "properties": {"room": {"type": "string", "maxLength": 4}, "team": {"type": "string"}},
                "additionalProperties": false
            });
            Ground::realm(settings, "default").attributes_schema = Some(schema);
        });
        let node = ground.await.node().await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let id = node.client().join("ada").await.account.unwrap().id;
        chief.set_attributes(set(&id, &[("room", "12"), ("team", "blue")], None)).await.unwrap();
        let found = attributes(&chief, &id).await;
        assert_eq!(found, pairs(&[("room", "12"), ("team", "blue")]));
        // What the mask names and the values have not is removed; all else stays.
        chief.set_attributes(set(&id, &[("team", "red"), ("room", "99")], Some(&["team"]))).await.unwrap();
        chief.set_attributes(set(&id, &[], Some(&["room"]))).await.unwrap();
        assert_eq!(attributes(&chief, &id).await, pairs(&[("team", "red")]));
        let wrong = chief.set_attributes(set(&id, &[("room", "12345")], Some(&["room"]))).await;
        assert_refused(wrong, Code::InvalidArgument, "INVALID_FIELD");
        let unknown = chief.set_attributes(set(&id, &[("pet", "cat")], None)).await;
        assert_refused(unknown, Code::InvalidArgument, "INVALID_FIELD");
        assert_eq!(attributes(&chief, &id).await, pairs(&[("team", "red")]));
        chief.set_attributes(set(&id, &[("room", "7")], Some(&["*"]))).await.unwrap();
        assert_eq!(attributes(&chief, &id).await, pairs(&[("room", "7")]));
    }
}
