//! One upload and one download, as a generated client makes them.

use accountd::proto::{
    DownloadProfilePictureRequest, UploadProfilePictureRequest,
    download_profile_picture_response::Part as Downloaded,
    upload_profile_picture_request::{Header, Part},
};
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use tonic::Streaming;

use crate::support::people::Person;

/// Bytes of one chunk, in uploads and in downloads of the reference.
const CHUNK: usize = 64 * 1024;

/// A file in chunks, which share its memory.
pub(crate) fn chunks(file: &Bytes) -> Vec<Bytes> {
    let starts = (0..file.len()).step_by(CHUNK);
    starts
        .map(|start| file.slice(start..file.len().min(start + CHUNK)))
        .collect()
}

/// Sends a file, which must be taken.
pub(crate) async fn upload(person: &Person, file: &Bytes) {
    let header = Header {
        size: i64::try_from(file.len()).unwrap(),
        ..Header::default()
    };
    let chunks = chunks(file).into_iter().map(Part::Chunk);
    let parts = std::iter::once(Part::Header(header)).chain(chunks);
    let messages = parts.map(|part| UploadProfilePictureRequest { part: Some(part) });
    let messages: Vec<UploadProfilePictureRequest> = messages.collect();
    let request = person.request(stream::iter(messages));
    person
        .rpc
        .clone()
        .upload_profile_picture(request)
        .await
        .unwrap();
}

/// Begins to fetch the picture.
pub(crate) async fn open(
    person: &Person,
) -> Streaming<accountd::proto::DownloadProfilePictureResponse> {
    let request = person.request(DownloadProfilePictureRequest::default());
    let answer = person.rpc.clone().download_profile_picture(request).await;
    answer.unwrap().into_inner()
}

/// Fetches the picture and counts its bytes.
pub(crate) async fn count(person: &Person) -> usize {
    let mut stream = open(person).await;
    let mut bytes = 0;
    while let Some(message) = stream.message().await.unwrap() {
        if let Some(Downloaded::Chunk(chunk)) = message.part {
            bytes += chunk.len();
        }
    }
    bytes
}

/// Fetches the picture.
pub(crate) async fn download(person: &Person) -> Bytes {
    let mut stream = open(person).await;
    let mut bytes = BytesMut::new();
    while let Some(message) = stream.message().await.unwrap() {
        if let Some(Downloaded::Chunk(chunk)) = message.part {
            bytes.extend_from_slice(&chunk);
        }
    }
    bytes.freeze()
}
