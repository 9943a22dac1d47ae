//! Every call has an id, the client's or one of ours, and its answer tells it.

use tonic::metadata::MetadataMap;
use tonic_types::StatusExt as _;

use crate::support::{
    service::{Engines, Node, start},
    wire,
};

fn id(metadata: &MetadataMap) -> String {
    let ids: Vec<&str> = metadata
        .get_all("x-request-id")
        .iter()
        .map(|id| id.to_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 1, "one id: {ids:?}");
    ids[0].to_owned()
}

/// The id under which a refused call was answered.
async fn answered(node: &Node, sent: &[(&str, &str)]) -> String {
    let metadata = wire::metadata(sent);
    let answer = wire::unary(
        &node.channel(),
        &wire::own("GetCurrent"),
        metadata,
        Vec::new(),
    )
    .await;
    let status = answer.unwrap_err();
    let id = id(status.metadata());
    assert_eq!(status.get_details_request_info().unwrap().request_id, id);
    id
}

#[tokio::test]
async fn an_id_is_echoed() {
    let node = start(Engines::Embedded).await;
    for sent in ["a", "0192f0c1-7a3b", "!~/<>\"", &"x".repeat(64)] {
        assert_eq!(answered(&node, &[("x-request-id", sent)]).await, sent);
    }
}

#[tokio::test]
async fn an_id_is_made_where_none_or_an_odd_one_is_sent() {
    let node = start(Engines::Embedded).await;
    let mut made = vec![answered(&node, &[]).await];
    for odd in ["", "two words", "tab\there", "caf\u{e9}", &"x".repeat(65)] {
        made.push(answered(&node, &[("x-request-id", odd)]).await);
    }
    for id in &made {
        let id: uuid::Uuid = id.parse().unwrap();
        assert_eq!(id.get_version_num(), 7);
    }
    made.sort();
    made.dedup();
    assert_eq!(made.len(), 6, "each call has its own");
}

#[tokio::test]
async fn a_success_tells_its_id_too() {
    let node = start(Engines::Embedded).await;
    let ada = node.client().joined("ada").await;
    let mut metadata = wire::bearer(ada.token.as_deref());
    metadata.insert("x-request-id", "of-a-success".parse().unwrap());
    let path = wire::own("GetCurrent");
    let answer = wire::unary(&node.channel(), &path, metadata, Vec::new())
        .await
        .unwrap();
    assert_eq!(id(answer.metadata()), "of-a-success");
}
