//! A picture, set and read back.

use std::sync::Arc;

use accountd::proto::{
    DownloadProfilePictureRequest, UploadProfilePictureResponse,
    account_service_client::AccountServiceClient, download_profile_picture_response::Part,
    upload_profile_picture_request::Header,
};
use futures_util::stream;
use prost::Message as _;
use rand::RngExt as _;
use tonic::{Status, transport::Channel};

use super::super::{
    calls::{Verdict, request},
    person::Person,
};
use crate::support::pictures::{header, messages, noise};

/// What was read of a picture.
struct Read {
    etag: String,
    told: i64,
    come: usize,
}

impl Person {
    /// Sets a small picture, and reads it back.
    pub(super) async fn set_picture(&mut self, place: usize) {
        let side = self.chance.random_range(8..24);
        let file = noise(side, side);
        let header = Header {
            request_id: self.world.request_id(),
            ..header(&file)
        };
        let (node, token) = (self.node(), self.sessions[place].token());
        let world = Arc::clone(&self.world);
        let (name, bytes) = ("UploadProfilePicture", header.encode_to_vec());
        let attempt = |node, id: String| {
            let stream = stream::iter(messages(header.clone(), &file));
            let request = request(stream, &token, &id);
            let mut rpc = AccountServiceClient::new(world.channel(node));
            let world = &world;
            async move {
                let answer = async { Ok(rpc.upload_profile_picture(request).await?.into_inner()) };
                world.verdict(node, name, &id, answer).await
            }
        };
        let done: Option<Result<UploadProfilePictureResponse, String>> =
            world.repeat(node, name, bytes, attempt).await;
        match done {
            Some(Ok(answer)) => {
                let picture = answer.account.unwrap_or_default().picture;
                self.picture = picture.map(|picture| picture.etag);
                self.note(format!("has the picture {:?}", self.picture));
                self.read_picture(place).await;
            }
            Some(Err(reason)) if reason.starts_with("TOKEN_") => self.renew(place, &reason).await,
            Some(Err(reason)) => self.broken("I11", format!("a picture is refused: {reason}")),
            None => {}
        }
    }

    async fn read_picture(&mut self, place: usize) {
        let (node, token) = (self.node(), self.sessions[place].token());
        let world = Arc::clone(&self.world);
        let id = format!("DownloadProfilePicture-{}", world.number());
        let answer = read(world.channel(node), &token, &id);
        let verdict = world.verdict(node, "DownloadProfilePicture", &id, answer);
        match verdict.await {
            Verdict::Done(read) => {
                let is_whole = usize::try_from(read.told) == Ok(read.come) && read.come > 0;
                if Some(&read.etag) != self.picture.as_ref() || !is_whole {
                    let text = format!("{} of {} bytes of {}", read.come, read.told, read.etag);
                    self.broken("I6", format!("another picture is read: {text}"));
                }
                world.history.count("* pictures read back");
            }
            Verdict::Refused(reason) => self.renew(place, &reason).await,
            Verdict::Unknown => {}
        }
    }
}

async fn read(channel: Channel, token: &str, id: &str) -> Result<Read, Status> {
    let message = request(DownloadProfilePictureRequest::default(), token, id);
    let answer = AccountServiceClient::new(channel)
        .download_profile_picture(message)
        .await?;
    let mut stream = answer.into_inner();
    let mut read = Read {
        etag: String::new(),
        told: 0,
        come: 0,
    };
    while let Some(message) = stream.message().await? {
        match message.part {
            Some(Part::Header(header)) => (read.etag, read.told) = (header.etag, header.size),
            Some(Part::Chunk(chunk)) => read.come += chunk.len(),
            None => {}
        }
    }
    Ok(read)
}
