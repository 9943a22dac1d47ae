//! Calls as bytes: what generated code cannot be made to send.

use futures_util::{Stream, StreamExt as _};
use http::uri::PathAndQuery;
use prost::bytes::{Buf as _, BufMut as _};
use tonic::{
    Request, Response, Status,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    metadata::MetadataMap,
    transport::Channel,
};

/// Messages that are bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, bytes: &mut EncodeBuf<'_>) -> Result<(), Status> {
        bytes.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let length = bytes.remaining();
        Ok(Some(bytes.copy_to_bytes(length).to_vec()))
    }
}

/// The path of one of our methods.
pub fn own(method: &str) -> String {
    format!("/accountd.v1.AccountService/{method}")
}

/// The metadata with these entries.
pub fn metadata(entries: &[(&str, &str)]) -> MetadataMap {
    let mut headers = http::HeaderMap::new();
    for (name, value) in entries {
        let name: http::HeaderName = name.parse().unwrap();
        headers.append(
            name,
            http::HeaderValue::from_bytes(value.as_bytes()).unwrap(),
        );
    }
    MetadataMap::from_headers(headers)
}

/// The metadata that a token goes in.
pub fn bearer(token: Option<&str>) -> MetadataMap {
    let line = token.map(|token| format!("Bearer {token}"));
    let entry = line.as_deref().map(|line| ("authorization", line));
    metadata(entry.as_slice())
}

/// One call with one message.
pub async fn unary(
    channel: &Channel,
    path: &str,
    metadata: MetadataMap,
    message: Vec<u8>,
) -> Result<Response<Vec<u8>>, Status> {
    streaming(channel, path, metadata, tokio_stream::once(message)).await
}

/// One call whose messages come as the test has them, for a method that takes one.
pub async fn streaming(
    channel: &Channel,
    path: &str,
    metadata: MetadataMap,
    messages: impl Stream<Item = Vec<u8>> + Send + 'static,
) -> Result<Response<Vec<u8>>, Status> {
    let mut grpc = Grpc::new(channel.clone());
    grpc.ready()
        .await
        .map_err(|error| Status::unknown(error.to_string()))?;
    let request = Request::from_parts(metadata, tonic::Extensions::default(), messages.boxed());
    grpc.client_streaming(request, PathAndQuery::try_from(path).unwrap(), Raw)
        .await
}
