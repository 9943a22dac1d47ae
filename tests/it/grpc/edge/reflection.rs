//! Reflection in both versions: what grpcurl and Postman see.

use std::collections::BTreeSet;

use tokio_stream::StreamExt as _;
use tonic::Code;

use crate::support::service::{Engines, Ground, Node, start};

/// Asks one version for its list of services, and for the files of some names.
macro_rules! reflect {
    ($version:ident, $node:expr, $symbols:expr) => {{
        use tonic_reflection::pb::$version::{
            ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
            server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
        };
        let ask = |message_request| ServerReflectionRequest {
            host: String::new(),
            message_request: Some(message_request),
        };
        let mut questions = vec![ask(MessageRequest::ListServices(String::new()))];
        for symbol in $symbols {
            questions.push(ask(MessageRequest::FileContainingSymbol(String::from(
                symbol,
            ))));
        }
        let mut client = ServerReflectionClient::new($node.channel());
        let questions = tokio_stream::iter(questions);
        match client.server_reflection_info(questions).await {
            Err(status) => Err(status),
            Ok(answers) => {
                let mut answers = answers.into_inner();
                let (mut services, mut files) = (BTreeSet::new(), 0);
                while let Some(answer) = answers.next().await {
                    match answer.unwrap().message_response.unwrap() {
                        MessageResponse::ListServicesResponse(list) => {
                            services.extend(list.service.into_iter().map(|service| service.name));
                        }
                        MessageResponse::FileDescriptorResponse(found) => {
                            assert!(!found.file_descriptor_proto.is_empty());
                            files += 1;
                        }
                        other => panic!("{other:?}"),
                    }
                }
                Ok((services, files))
            }
        }
    }};
}

const SYMBOLS: [&str; 7] = [
    "accountd.v1.AccountService",
    "accountd.v1.ErrorReason",
    "google.rpc.ErrorInfo",
    "google.rpc.BadRequest",
    "google.rpc.RetryInfo",
    "google.rpc.QuotaFailure",
    "google.rpc.RequestInfo",
];

async fn both(node: &Node) -> [Result<(BTreeSet<String>, usize), tonic::Status>; 2] {
    [
        reflect!(v1, node, SYMBOLS),
        reflect!(v1alpha, node, SYMBOLS),
    ]
}

#[tokio::test]
async fn both_versions_tell_the_contract_and_the_details_of_refusals() {
    let node = start(Engines::Embedded).await;
    for told in both(&node).await {
        let (services, files) = told.unwrap();
        assert!(
            services.contains("accountd.v1.AccountService"),
            "{services:?}"
        );
        assert!(services.contains("grpc.health.v1.Health"), "{services:?}");
        assert_eq!(files, SYMBOLS.len());
    }
}

#[tokio::test]
async fn az_11_reflection_can_be_switched_off() {
    let ground = Ground::with(Engines::Embedded, |settings| {
        settings.grpc.reflection = false;
    });
    let node = ground.await.node().await;
    for told in both(&node).await {
        assert_eq!(told.unwrap_err().code(), Code::Unimplemented);
    }
}
