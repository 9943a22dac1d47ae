//! `DownloadProfilePicture`.

use std::{
    future::Future as _,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use aws_lc_rs::digest;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tonic::Status;
use tracing::Instrument as _;

use crate::{
    accounts::picture::{self, Found, Variant},
    app::{App, Call},
    backend::objects::Object,
    error::{Error, Result},
    grpc::{
        answers,
        fields::Fields,
        status::status,
        transfers::{Pace, Share, Transfers},
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
        return Err(Error::EtagMismatch { etag: found.etag });
    }
    if wanted.if_none_match == Some(found.etag.as_str()) {
        return Ok(Outgoing::of_header(&found, true, call, None));
    }
    if wanted.offset > found.size {
        return Err(Error::field("offset", "OUT_OF_RANGE", "is behind the end"));
    }
    let share = transfers.share(principal.account.id)?;
    let stream = transfers.stream()?;
    let place = transfers.download()?;
    let object = found.open(app).await?;
    let (chunks, handed_on) = mpsc::channel(1);
    let (verdict, ended) = oneshot::channel();
    let sent = Sent {
        chunks: handed_on,
        ended,
        _stream: stream,
        _share: share,
    };
    let outgoing = Outgoing::of_header(&found, false, call, Some(sent));
    let pump = Pump {
        digest: found.digest,
        skip: wanted.offset,
        pace: transfers.pace(call.deadline),
        chunks,
    };
    let task = async move {
        let done = pump.run(object).await;
        if let Err(error) = &done {
            tracing::info!(reason = error.reason(), "a download did not end well");
        }
        // Nobody hears the verdict when the client has gone.
        let _ = verdict.send(done);
        drop(place);
    };
    tokio::spawn(task.in_current_span());
    Ok(outgoing)
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

/// Reads the object and hands it on, no faster than the client takes it and no slower than the pace.
struct Pump {
    digest: Vec<u8>,
    skip: u64,
    pace: Pace,
    chunks: mpsc::Sender<Bytes>,
}

impl Pump {
    /// Ends when all was handed on and was what had been stored, or with the reason why not.
    async fn run(mut self, mut object: Object) -> Result<()> {
        let mut seen = digest::Context::new(&digest::SHA256);
        while let Some(chunk) = object.chunks.next().await {
            let mut chunk = chunk.map_err(|error| picture::unavailable(&error))?;
            seen.update(&chunk);
            let skipped =
                usize::try_from(self.skip).map_or(chunk.len(), |skip| skip.min(chunk.len()));
            self.skip -= skipped as u64;
            let rest = chunk.split_off(skipped);
            if !rest.is_empty() {
                self.hand_on(rest).await?;
            }
        }
        if seen.finish().as_ref() == self.digest {
            return Ok(());
        }
        tracing::error!("the object of a picture has been altered");
        Err(Error::PictureDamaged)
    }

    async fn hand_on(&mut self, chunk: Bytes) -> Result<()> {
        let length = chunk.len();
        let sent = tokio::time::timeout_at(self.pace.limit(), self.chunks.send(chunk)).await;
        // Of a client that has gone, nobody hears this.
        if !matches!(sent, Ok(Ok(()))) {
            return Err(self.pace.refusal());
        }
        self.pace.advance(length);
        Ok(())
    }
}

/// The answer: a header, the chunks, and a status that is OK only if the pump says so.
pub(in crate::grpc) struct Outgoing {
    header: Option<Part>,
    sent: Option<Sent>,
    call: Arc<Call>,
}

/// What the pump sends.
struct Sent {
    chunks: mpsc::Receiver<Bytes>,
    ended: oneshot::Receiver<Result<()>>,
    _stream: OwnedSemaphorePermit,
    _share: Share,
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
        if let Some(chunk) = ready!(sent.chunks.poll_recv(context)) {
            return Poll::Ready(answer(Part::Chunk(chunk)));
        }
        let verdict = ready!(Pin::new(&mut sent.ended).poll(context));
        self.sent = None;
        let verdict = verdict.unwrap_or_else(|lost| Err(Error::Internal(lost.to_string())));
        Poll::Ready(
            verdict
                .err()
                .map(|error| Err(status(&error, &self.call.request_id))),
        )
    }
}
