//! The picture in a form, on its way to the contract.

use futures_util::stream;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    failure::refused,
    form::{FILE, File},
};
use crate::{
    gateway::fault::Fault,
    proto::{
        ErrorReason, UploadProfilePictureRequest,
        upload_profile_picture_request::{Header, Part},
    },
};

/// The kinds of pictures that the document takes, by their first bytes.
const KINDS: [(&str, &[u8]); 2] = [
    ("image/png", b"\x89PNG\r\n\x1A\n"),
    ("image/jpeg", b"\xFF\xD8\xFF"),
];

/// "File info": what the document's original says of a file that it has taken.
#[derive(Serialize, ToSchema)]
pub(super) struct FileInfo {
    #[schema(example = "profile")]
    fieldname: &'static str,
    /// What the client called the file, without a path. It is not kept.
    #[schema(example = "me.png")]
    originalname: String,
    #[schema(example = "7bit")]
    encoding: &'static str,
    #[schema(example = "image/png")]
    mimetype: &'static str,
    /// Bytes.
    size: usize,
}

/// A picture of a kind that the document takes.
#[derive(Debug)]
pub(super) struct Picture {
    file: File,
    kind: &'static str,
}

impl Picture {
    /// The file, if its first bytes are those of a kind that the document takes, and the client says no other. Whether
    /// the rest is a picture is the contract's to say.
    pub(super) fn parse(file: File) -> Result<Self, Fault> {
        let head = file
            .blocks
            .first()
            .map(|block| &block[..])
            .unwrap_or_default();
        let kind = KINDS.iter().find(|(_, magic)| head.starts_with(magic));
        let kind = kind.map(|(kind, _)| *kind).filter(|kind| {
            let said = file.media_type.as_deref();
            said.is_none_or(|said| said.eq_ignore_ascii_case(kind))
        });
        let kind = kind.ok_or_else(|| {
            let text = "the file must be a JPEG or PNG picture, and be declared as what it is";
            refused(ErrorReason::PictureTypeUnsupported, text)
        })?;
        Ok(Self { file, kind })
    }

    /// The messages of its upload, under a header that is complete but for what is known of the file.
    pub(super) fn messages(
        &self,
        header: Header,
    ) -> impl futures_util::Stream<Item = UploadProfilePictureRequest> + Send + use<> {
        let header = Header {
            content_type: self.kind.to_owned(),
            size: i64::try_from(self.file.size).unwrap_or(i64::MAX),
            ..header
        };
        let chunks = self.file.blocks.clone().into_iter().map(Part::Chunk);
        let parts = std::iter::once(Part::Header(header)).chain(chunks);
        stream::iter(parts.map(|part| UploadProfilePictureRequest { part: Some(part) }))
    }

    /// What is told of it.
    pub(super) fn info(&self) -> FileInfo {
        let name = self.file.name.rsplit(['/', '\\']).next();
        FileInfo {
            fieldname: FILE,
            originalname: name.unwrap_or_default().to_owned(),
            encoding: "7bit",
            mimetype: self.kind,
            size: self.file.size,
        }
    }
}
