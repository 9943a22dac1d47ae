//! `UploadProfilePicture`.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;
use tonic::Streaming;

use crate::{
    accounts::{
        self,
        fields::RequestId,
        picture::{self, Upload, Uploader},
        revocation,
    },
    app::{App, Call},
    error::{Error, Result},
    grpc::{
        answers,
        fields::Fields,
        replay::named,
        transfers::{Pace, Share, Transfers},
    },
    pictures::{Kind, Limits, Spool, Spooled},
    proto::{
        UploadProfilePictureRequest, UploadProfilePictureResponse,
        upload_profile_picture_request::{Header, Part},
    },
    replay, sessions,
    store::account,
};

/// Bytes of one chunk, at the most: so many may wait in memory, and must move within the idle time.
const CHUNK_MOST: usize = 1 << 20;

/// Bytes that tell the kind of a file.
const HEAD: usize = 16;

/// The method, as names of calls have it.
const METHOD: &str = "UploadProfilePicture";

/// What came of the stream.
pub(super) enum Arrived {
    /// It had come before, and this is the account as it was answered then.
    Again(Box<account::Model>),
    /// A file, and the call under the name that its header bears.
    File(Arc<Call>, Box<Received>),
}

/// A file that has arrived, and what is to be done with it.
pub(super) struct Received {
    uploader: Uploader,
    limits: Arc<Limits>,
    file: Spooled,
    etag: Option<String>,
    transfers: Transfers,
    _place: OwnedSemaphorePermit,
    _share: Share,
}

/// Takes the stream in, to its end, at the pace and within the limits that it is held to. Nothing has been done then,
/// and nothing is left if the client goes away.
///
/// Two uploads with one `request_id` are the same if their headers are, with the digest of the bytes that came. Where
/// the header tells the digest, one that is sent again is known before its bytes, its token or its ticket are looked at.
pub(super) async fn receive(
    app: &App,
    call: Arc<Call>,
    transfers: &Transfers,
    mut stream: Streaming<UploadProfilePictureRequest>,
) -> Result<Arrived> {
    let mut incoming = Incoming {
        pace: transfers.pace(call.deadline),
        stream: &mut stream,
    };
    let Some(Part::Header(header)) = incoming.next().await? else {
        return Err(Error::field("header", "REQUIRED", "must come first"));
    };
    let call = if header.sha256.is_empty() {
        call
    } else {
        named(app, &call, METHOD, &header)
            .await?
            .map_or(call, Arc::new)
    };
    if let Some(account) = replay::find(app, &call).await? {
        // A ticket is used up by the call; a session that has ended since is told no more (I1).
        if header.ticket.is_empty() {
            sessions::authenticate(app, &call).await?;
        }
        revocation::outlast(app).await;
        return Ok(Arrived::Again(Box::new(account)));
    }
    let uploader = uploader(app, &call, &header).await?;
    let share = transfers.share(uploader.account_id())?;
    let place = transfers.upload()?;
    let limits = picture::admit_upload(app, &uploader).await?;
    let expected = expected(&header, &limits)?;
    let file = spool(app, &mut incoming, &expected).await?;
    let sha256 = file.sha256();
    if expected.sha256.is_some_and(|said| said != sha256) {
        return Err(Error::UploadMismatch { field: "sha256" });
    }
    let header = Header {
        sha256: sha256.to_vec(),
        ..header
    };
    let received = Received {
        uploader,
        limits,
        file,
        etag: expected.etag,
        transfers: transfers.clone(),
        _place: place,
        _share: share,
    };
    let call = named(app, &call, METHOD, &header)
        .await?
        .map_or(call, Arc::new);
    Ok(Arrived::File(call, Box::new(received)))
}

/// Makes the received file the picture of the account, once there is room for it in memory.
pub(super) async fn finish(
    app: Arc<App>,
    call: Arc<Call>,
    received: Received,
) -> Result<account::Model> {
    let _room = received.transfers.finishing(call.deadline).await?;
    let upload = Upload {
        file: received.file,
        etag: received.etag,
    };
    let (uploader, limits) = (received.uploader, received.limits);
    accounts::upload_picture(&app, &call, &uploader, limits, upload).await
}

pub(super) fn answer(account: account::Model) -> UploadProfilePictureResponse {
    UploadProfilePictureResponse {
        account: Some(answers::account(account)),
    }
}

/// Who calls. With a ticket in the header no token is looked at, so that it is clear by what right the call goes on.
async fn uploader(app: &App, call: &Call, header: &Header) -> Result<Uploader> {
    if header.ticket.is_empty() {
        let principal = sessions::authenticate(app, call).await?;
        return Ok(Uploader::Owner(Box::new(principal)));
    }
    let mut fields = Fields::default();
    fields.plain("header.ticket", &header.ticket);
    fields.finish()?;
    let is_repeatable = !header.request_id.is_empty();
    let ticket = picture::present_ticket(app, &header.ticket, is_repeatable).await?;
    Ok(Uploader::Ticket(ticket))
}

/// What the header says of the bytes, fit to be compared with them.
struct Expected {
    kind: Option<Kind>,
    size: u64,
    sha256: Option<[u8; 32]>,
    etag: Option<String>,
    limits: Arc<Limits>,
}

fn expected(header: &Header, limits: &Arc<Limits>) -> Result<Expected> {
    let mut fields = Fields::default();
    let size = match u64::try_from(header.size) {
        Ok(0) => {
            fields.refuse("header.size", "REQUIRED", "must be given");
            0
        }
        Ok(size) => size,
        Err(_) => {
            fields.refuse("header.size", "OUT_OF_RANGE", "must be 1 or more");
            0
        }
    };
    let sha256 = header.sha256.as_slice().try_into().ok();
    if sha256.is_none() && !header.sha256.is_empty() {
        fields.refuse("header.sha256", "MALFORMED", "must have 32 bytes");
    }
    let content_type = fields.plain("header.content_type", &header.content_type);
    let etag = fields.plain("header.etag", &header.etag);
    if !header.request_id.is_empty() {
        // Looked at before the file is sent, and not after.
        fields.take("header.request_id", RequestId::parse(&header.request_id));
    }
    fields.finish()?;
    if size > limits.max_bytes {
        return Err(Error::PictureTooLarge {
            limit: "bytes",
            most: limits.max_bytes,
        });
    }
    let kind = if content_type.is_empty() {
        None
    } else {
        let kind = Kind::parse(content_type).filter(|kind| limits.kinds.contains(kind));
        Some(kind.ok_or_else(|| picture::unsupported(limits))?)
    };
    Ok(Expected {
        kind,
        size,
        sha256,
        etag: (!etag.is_empty()).then(|| etag.to_owned()),
        limits: Arc::clone(limits),
    })
}

/// Writes the chunks away as they come, and stops at the first byte too many.
async fn spool(app: &App, incoming: &mut Incoming<'_>, expected: &Expected) -> Result<Spooled> {
    let mut spool = Spool::open(app.spool.clone())
        .await
        .map_err(|error| broken(&error))?;
    let mut head = Vec::with_capacity(HEAD);
    while let Some(part) = incoming.next().await? {
        let Part::Chunk(chunk) = part else {
            return Err(Error::field(
                "header",
                "NOT_SUPPORTED",
                "must come only once",
            ));
        };
        if chunk.len() > CHUNK_MOST {
            return Err(Error::field("chunk", "TOO_LONG", "has more than 1 MiB"));
        }
        if spool.len() + chunk.len() as u64 > expected.size {
            return Err(Error::UploadMismatch { field: "size" });
        }
        if head.len() < HEAD {
            let missing = HEAD - head.len();
            head.extend(chunk.iter().take(missing));
            if head.len() == HEAD {
                check_kind(&head, expected)?;
            }
        }
        spool.write(chunk).await.map_err(|error| broken(&error))?;
    }
    if spool.len() != expected.size {
        return Err(Error::UploadMismatch { field: "size" });
    }
    if head.len() < HEAD {
        check_kind(&head, expected)?;
    }
    spool.finish().await.map_err(|error| broken(&error))
}

/// Refuses a file by its first bytes, before the rest is sent.
fn check_kind(head: &[u8], expected: &Expected) -> Result<()> {
    let kind = Kind::of(head).filter(|kind| expected.limits.kinds.contains(kind));
    match (kind, expected.kind) {
        (None, _) => Err(picture::unsupported(&expected.limits)),
        (Some(is), Some(said)) if is != said => Err(picture::unsupported(&expected.limits)),
        _ => Ok(()),
    }
}

/// The disk that uploads wait on is full or broken.
fn broken(error: &std::io::Error) -> Error {
    tracing::error!(%error, "an upload cannot be written");
    Error::DependencyUnavailable {
        dependency: "spool",
    }
}

/// The stream, held to its pace.
struct Incoming<'a> {
    pace: Pace,
    stream: &'a mut Streaming<UploadProfilePictureRequest>,
}

impl Incoming<'_> {
    async fn next(&mut self) -> Result<Option<Part>> {
        let next = tokio::time::timeout_at(self.pace.limit(), self.stream.message()).await;
        let message = next
            .map_err(|_| self.pace.refusal())?
            .map_err(|_| Error::MalformedRequest)?;
        let Some(message) = message else {
            return Ok(None);
        };
        let part = message
            .part
            .ok_or_else(|| Error::field("part", "REQUIRED", "must be a header or a chunk"))?;
        if let Part::Chunk(chunk) = &part {
            self.pace.advance(chunk.len());
        }
        Ok(Some(part))
    }
}
