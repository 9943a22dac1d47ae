//! Connections and messages beside those of the usual client.

use accountd::proto::account_service_client::AccountServiceClient;
use http::uri::PathAndQuery;
use prost::Message;
use tonic::{
    Request, Status,
    client::Grpc,
    transport::{Channel, Endpoint},
};
use tonic_prost::ProstCodec;

use super::{client::Client, service::Node};

/// Sends a unary call to `path`.
pub async fn send<Q, A>(node: &Node, path: &str, request: Request<Q>) -> Result<A, Status>
where
    Q: Message + Send + Sync + 'static,
    A: Message + Default + Send + Sync + 'static,
{
    unary(node.channel(), path, request).await
}

/// Sends a unary call to a method of the account service.
pub async fn call<Q, A>(node: &Node, method: &str, request: Request<Q>) -> Result<A, Status>
where
    Q: Message + Send + Sync + 'static,
    A: Message + Default + Send + Sync + 'static,
{
    send(node, &path_of(method), request).await
}

/// The path of a method of the account service.
pub fn path_of(method: &str) -> String {
    format!("/accountd.v1.AccountService/{method}")
}

/// Sends a unary call to `path` over a channel, which may be broken.
pub async fn unary<Q, A>(channel: Channel, path: &str, request: Request<Q>) -> Result<A, Status>
where
    Q: Message + Send + Sync + 'static,
    A: Message + Default + Send + Sync + 'static,
{
    let mut client = Grpc::new(channel);
    let ready = client.ready().await;
    ready.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = PathAndQuery::try_from(path).unwrap();
    let answer = client.unary(request, path, ProstCodec::default()).await?;
    Ok(answer.into_inner())
}

/// The same person on a connection of its own, which is cut when the client is dropped.
pub async fn apart(node: &Node, client: &Client) -> Client {
    let address = format!("http://{}", node.address);
    let channel = Endpoint::from_shared(address).unwrap().connect().await;
    let mut apart = client.clone();
    apart.rpc = AccountServiceClient::new(channel.unwrap());
    apart
}
