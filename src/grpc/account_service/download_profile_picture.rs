//! `DownloadProfilePicture`.

mod memory;
mod store;

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::OwnedSemaphorePermit;
use tonic::Status;

use self::{memory::FromMemory, store::FromStore};
use crate::{
    accounts::picture::{self, Found, Variant},
    app::{App, Call},
    error::{Error, Result},
    grpc::{
        answers,
        fields::Fields,
        status::status,
        transfers::{Share, Transfers},
    },
    proto::{
        DownloadProfilePictureRequest, DownloadProfilePictureResponse, PictureVariant,
        download_profile_picture_response::Part,
    },
    sessions,
};

/// Finds the picture and begins to send it.
pub(super) async fn download_profile_picture(
    app: &App,
    call: &Arc<Call>,
    transfers: &Transfers,
    request: DownloadProfilePictureRequest,
) -> Result<Outgoing> {
    let principal = sessions::recognise(app, call).await?;
    let wanted = wanted(&request)?;
    let found = picture::find_picture(app, &principal, wanted.variant).await?;
    if wanted.if_match.is_some_and(|etag| etag != found.etag) {
        let etag = found.etag.clone();
        return Err(Error::EtagMismatch { etag });
    }
    if wanted.if_none_match == Some(found.etag.as_str()) {
        return Ok(Outgoing::of_header(&found, true, call, None));
    }
    if wanted.offset > found.size {
        return Err(Error::field("offset", "OUT_OF_RANGE", "is behind the end"));
    }
    let share = transfers.share(principal.account.id)?;
    let stream = transfers.stream()?;
    let permit = transfers.download()?;
    let source = if let Some(picture) = picture::fetch_picture(app, &found).await? {
        let pace = transfers.pace(call.deadline);
        Source::Memory(FromMemory::begin(picture, wanted.offset, pace, permit))
    } else {
        let object = found.open(app).await?;
        let pace = transfers.pace(call.deadline);
        let begun = FromStore::begin(&found, object, wanted.offset, pace, permit);
        Source::Store(begun)
    };
    let sent = Sent {
        source,
        _stream: stream,
        _share: share,
    };
    Ok(Outgoing::of_header(&found, false, call, Some(sent)))
}

/// The request, fit to be acted on.
struct Wanted<'a> {
    variant: Variant,
    if_match: Option<&'a str>,
    if_none_match: Option<&'a str>,
    offset: u64,
}

fn wanted(request: &DownloadProfilePictureRequest) -> Result<Wanted<'_>> {
    let mut fields = Fields::default();
    let variant = match PictureVariant::try_from(request.variant) {
        Ok(PictureVariant::Unspecified | PictureVariant::Full) => Variant::Full,
        Ok(PictureVariant::Square512) => Variant::Square512,
        Ok(PictureVariant::Square128) => Variant::Square128,
        Err(_) => {
            fields.refuse("variant", "NOT_SUPPORTED", "is none of the variants");
            Variant::Full
        }
    };
    let if_match = fields.plain("if_match", &request.if_match);
    let if_none_match = fields.plain("if_none_match", &request.if_none_match);
    let offset = u64::try_from(request.offset).unwrap_or_else(|_| {
        fields.refuse("offset", "OUT_OF_RANGE", "must be 0 or more");
        0
    });
    fields.finish()?;
    Ok(Wanted {
        variant,
        if_match: (!if_match.is_empty()).then_some(if_match),
        if_none_match: (!if_none_match.is_empty()).then_some(if_none_match),
        offset,
    })
}

/// The answer: a header, the chunks, and a status that is OK only if all was sent and was what had been stored.
pub(in crate::grpc) struct Outgoing {
    header: Option<Part>,
    sent: Option<Sent>,
    call: Arc<Call>,
}

/// What follows the header, and what it takes up until the client has taken its end or left.
struct Sent {
    source: Source,
    _stream: OwnedSemaphorePermit,
    _share: Share,
}

/// Where the bytes come from.
enum Source {
    Memory(FromMemory),
    Store(FromStore),
}

impl Source {
    /// The next bytes; none at the end, or an error in its place.
    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        match self {
            Self::Memory(source) => Poll::Ready(source.chunk()),
            Self::Store(source) => source.poll_chunk(context),
        }
    }
}

impl Outgoing {
    fn of_header(found: &Found, not_modified: bool, call: &Arc<Call>, sent: Option<Sent>) -> Self {
        Self {
            header: Some(Part::Header(answers::picture_header(found, not_modified))),
            sent,
            call: Arc::clone(call),
        }
    }
}

impl Stream for Outgoing {
    type Item = Result<DownloadProfilePictureResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let answer = |part| Some(Ok(DownloadProfilePictureResponse { part: Some(part) }));
        if let Some(header) = self.header.take() {
            return Poll::Ready(answer(header));
        }
        let Some(sent) = &mut self.sent else {
            return Poll::Ready(None);
        };
        let end = match ready!(sent.source.poll_chunk(context)) {
            Some(Ok(chunk)) => return Poll::Ready(answer(Part::Chunk(chunk))),
            Some(Err(error)) => Some(Err(status(&error, &self.call.request_id))),
            None => None,
        };
        self.sent = None;
        Poll::Ready(end)
    }
}
