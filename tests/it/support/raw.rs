//! Connections and messages beside those of the usual client.

use accountd::proto::account_service_client::AccountServiceClient;
use http::uri::PathAndQuery;
use prost::Message;
use tonic::{Request, Status, client::Grpc, transport::Endpoint};
use tonic_prost::ProstCodec;

use super::{client::Client, service::Node};

/// Sends a unary call to `path`.
pub async fn send<Q, A>(node: &Node, path: &str, request: Request<Q>) -> Result<A, Status>
where
    Q: Message + Send + Sync + 'static,
    A: Message + Default + Send + Sync + 'static,
{
    let mut client = Grpc::new(node.channel());
    client.ready().await.unwrap();
    let path = PathAndQuery::try_from(path).unwrap();
    let answer = client.unary(request, path, ProstCodec::default()).await?;
    Ok(answer.into_inner())
}

/// Sends a unary call to a method of the account service.
pub async fn call<Q, A>(node: &Node, method: &str, request: Request<Q>) -> Result<A, Status>
where
    Q: Message + Send + Sync + 'static,
    A: Message + Default + Send + Sync + 'static,
{
    send(
        node,
        &format!("/accountd.v1.AccountService/{method}"),
        request,
    )
    .await
}

/// The same person on a connection of its own, which is cut when the client is dropped.
pub async fn apart(node: &Node, client: &Client) -> Client {
    let address = format!("http://{}", node.address);
    let channel = Endpoint::from_shared(address).unwrap().connect().await;
    let mut apart = client.clone();
    apart.rpc = AccountServiceClient::new(channel.unwrap());
    apart
}
