//! Uploads and downloads of pictures, as a generated client makes them.

use accountd::proto::{
    self, DownloadProfilePictureRequest, PictureVariant, UploadProfilePictureRequest,
    download_profile_picture_response as downloaded,
    upload_profile_picture_request::{Header, Part},
};
use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use futures_util::{Stream, stream};
use tonic::Status;

use super::client::Client;

/// Bytes of one chunk.
pub const CHUNK: usize = 64 * 1024;

/// A header that says the truth of a file.
pub fn header(file: &[u8]) -> Header {
    Header {
        size: i64::try_from(file.len()).unwrap(),
        sha256: digest(&SHA256, file).as_ref().to_vec(),
        ..Header::default()
    }
}

/// One message of an upload.
pub fn part(part: Part) -> UploadProfilePictureRequest {
    UploadProfilePictureRequest { part: Some(part) }
}

/// The messages of a whole upload.
pub fn messages(header: Header, file: &[u8]) -> Vec<UploadProfilePictureRequest> {
    let chunks = file.chunks(CHUNK).map(Bytes::copy_from_slice);
    let mut messages = vec![part(Part::Header(header))];
    messages.extend(chunks.map(|chunk| part(Part::Chunk(chunk))));
    messages
}

/// Sends a file under a header that says the truth of it.
pub async fn upload(client: &Client, file: &[u8]) -> Result<proto::Account, Status> {
    upload_as(client, header(file), file).await
}

/// Sends a file under a header.
pub async fn upload_as(
    client: &Client,
    header: Header,
    file: &[u8],
) -> Result<proto::Account, Status> {
    upload_stream(client, stream::iter(messages(header, file))).await
}

/// Sends whatever messages come.
pub async fn upload_stream(
    client: &Client,
    messages: impl Stream<Item = UploadProfilePictureRequest> + Send + 'static,
) -> Result<proto::Account, Status> {
    let request = client.request(messages);
    let answer = client.rpc.clone().upload_profile_picture(request).await?;
    Ok(answer.into_inner().account.unwrap())
}

/// A picture as it was fetched.
#[derive(Clone, PartialEq)]
pub struct Fetched {
    pub header: downloaded::Header,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Fetched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} and {} bytes", self.header, self.bytes.len())
    }
}

/// Fetches one form of the picture.
pub async fn download(client: &Client, variant: PictureVariant) -> Result<Fetched, Status> {
    let message = DownloadProfilePictureRequest {
        variant: variant.into(),
        ..DownloadProfilePictureRequest::default()
    };
    download_as(client, message).await
}

/// Fetches what the message asks for, to the end of the stream.
pub async fn download_as(
    client: &Client,
    message: DownloadProfilePictureRequest,
) -> Result<Fetched, Status> {
    let request = client.request(message);
    let answer = client.rpc.clone().download_profile_picture(request).await?;
    let mut stream = answer.into_inner();
    let first = stream.message().await?.and_then(|message| message.part);
    let Some(downloaded::Part::Header(header)) = first else {
        panic!("no header: {first:?}");
    };
    let mut bytes = Vec::new();
    while let Some(message) = stream.message().await? {
        match message.part {
            Some(downloaded::Part::Chunk(chunk)) => bytes.extend(chunk),
            other => panic!("no chunk: {other:?}"),
        }
    }
    Ok(Fetched { header, bytes })
}

/// Takes the picture away.
pub async fn delete(client: &Client) -> Result<proto::Account, Status> {
    let message = client.request(proto::DeleteProfilePictureRequest::default());
    let answer = client.rpc.clone().delete_profile_picture(message).await?;
    Ok(answer.into_inner().account.unwrap())
}

/// A PNG that hardly shrinks: four bytes a pixel.
pub fn noise(width: u32, height: u32) -> Vec<u8> {
    use image::{ExtendedColorType, ImageEncoder as _, codecs::png::PngEncoder};
    let mut state = 1_u64;
    let samples: Vec<u8> = (0..width * height * 4)
        .map(|_| {
            // Knuth's MMIX generator; its upper bits are good enough.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect();
    let mut file = Vec::new();
    PngEncoder::new(&mut file)
        .write_image(&samples, width, height, ExtendedColorType::Rgba8)
        .unwrap();
    file
}
