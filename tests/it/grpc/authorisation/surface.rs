//! AZ-11: what answers on the public port, and what does not.

use accountd::proto;
use http::{Method, StatusCode};
use tonic::{Code, Request, Status, body::Body};
use tower::{Service as _, ServiceExt as _};

use crate::support::{
    raw::send,
    service::{Engines, Ground, Node},
};

const REFLECTION: [&str; 2] = [
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

async fn node(reflection: bool) -> Node {
    let ground = Ground::with(Engines::Embedded, |settings| {
        settings.grpc.reflection = reflection;
    });
    ground.await.node().await
}

/// An empty message to the path.
async fn call(node: &Node, path: &str) -> Result<(), Status> {
    let request = Request::new(proto::GetCurrentRequest {});
    send::<_, proto::GetCurrentResponse>(node, path, request)
        .await
        .map(drop)
}

#[tokio::test]
async fn az_11_reflection_can_be_turned_off() {
    let closed = node(false).await;
    let open = node(true).await;
    for path in REFLECTION {
        let refused = call(&closed, path).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unimplemented);
        if let Err(refused) = call(&open, path).await {
            assert_ne!(refused.code(), Code::Unimplemented);
        }
    }
    let health = call(&closed, "/grpc.health.v1.Health/Check").await;
    assert_ne!(
        health.map_err(|refused| refused.code()),
        Err(Code::Unimplemented)
    );
}

#[tokio::test]
async fn az_11_nothing_for_operators_answers_on_the_public_port() {
    let node = node(true).await;
    for path in [
        "/grpc.channelz.v1.Channelz/GetServers",
        "/grpc.channelz.v1.Channelz/GetTopChannels",
        "/grpc.admin.v1.Admin/Get",
        "/rs.tokio.console.instrument.Instrument/WatchUpdates",
        "/accountd.v1.AdminService/ListAccounts",
        "/accountd.v1.AccountService/Debug",
    ] {
        let refused = call(&node, path).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unimplemented, "{path}");
    }
    for path in [
        "/metrics",
        "/debug/pprof",
        "/debug/vars",
        "/actuator/env",
        "/",
        "/healthz",
    ] {
        let mut channel = node.channel();
        let request = http::Request::builder()
            .method(Method::GET)
            .uri(path)
            .body(Body::empty());
        let ready = channel.ready().await.unwrap();
        let answer = ready.call(request.unwrap()).await.unwrap();
        // Nothing but gRPC is spoken here, so the path is not even looked at.
        assert_eq!(
            answer.status(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "{path}"
        );
    }
}
