//! Forms with a file: `multipart/form-data`.

use axum::{
    extract::{
        DefaultBodyLimit, FromRequest as _, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::HeaderMap,
};
use bytes::{Bytes, BytesMut};
use http::{StatusCode, header};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{Lengths, failure::refused};
use crate::{gateway::fault::Fault, proto::ErrorReason};

/// Bytes of one block of a file: those of one message to the contract.
const BLOCK: usize = 64 * 1024;

/// The name of the one part that may be a file.
pub(super) const FILE: &str = "profile";

/// Forms that are read at a time: the parser holds what it cannot make out yet, up to the length of a form each.
static FORMS: Semaphore = Semaphore::const_new(64);

/// Blocks of all files that are being received, at the most: 64 MiB. A part does not tell its length, and the contract
/// wants it first, so files wait in memory; who has sent little holds little.
static BLOCKS: Semaphore = Semaphore::const_new(1024);

/// A form that has arrived.
#[derive(Debug)]
pub(super) struct Form {
    /// The texts, by their names, in the order of the form.
    pub(super) texts: Vec<(String, String)>,
    /// The file, unless there is none or nothing was chosen.
    pub(super) file: Option<File>,
}

/// A file as it was sent.
#[derive(Debug)]
pub(super) struct File {
    /// What the client calls it. Only ever told back to the client.
    pub(super) name: String,
    /// What the client says that it is.
    pub(super) media_type: Option<String>,
    /// Its bytes.
    pub(super) blocks: Vec<Bytes>,
    /// Their number.
    pub(super) size: usize,
    /// What it holds of [`BLOCKS`] until it is dropped.
    places: Option<SemaphorePermit<'static>>,
}

/// Whether the body is a form of parts.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let essence = media_type.and_then(|text| text.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("multipart/form-data"))
}

impl Form {
    /// Reads a form to its end, within the lengths.
    ///
    /// The first part under a name that is taken already, a second file, and a file under another name than [`FILE`] are
    /// refused. `PICTURE_TOO_LARGE` is told of a file, `TooLarge` of the rest.
    pub(super) async fn read(mut request: Request, lengths: Lengths) -> Result<Self, Fault> {
        let full = "too many forms are on their way";
        let _reading = FORMS
            .try_acquire()
            .map_err(|_| refused(ErrorReason::Overloaded, full))?;
        DefaultBodyLimit::max(lengths.form).apply(&mut request);
        let mut parts = Multipart::from_request(request, &())
            .await
            .map_err(|_| malformed())?;
        let mut form = Self {
            texts: Vec::new(),
            file: None,
        };
        let mut texts = 0;
        while let Some(part) = parts.next_field().await.map_err(|error| fault(&error))? {
            let name = part.name().unwrap_or_default().to_owned();
            if part.file_name().is_some() {
                if name != FILE || form.file.is_some() {
                    let text = "the form must have one file, named profile";
                    return Err(refused(ErrorReason::PictureTypeUnsupported, text));
                }
                form.file = Some(file(part, lengths).await?);
                continue;
            }
            let value = text(part, lengths.text, &mut texts).await?;
            if form.texts.iter().any(|(taken, _)| *taken == name) {
                return Err(Fault::Malformed(String::from(
                    "the form has a member twice",
                )));
            }
            form.texts.push((name, value));
        }
        // Browsers send an empty file without a name where none was chosen.
        let is_chosen = |file: &File| file.size > 0 || !file.name.is_empty();
        form.file = form.file.filter(is_chosen);
        Ok(form)
    }

    /// Takes the text of that name out, empty where there is none.
    pub(super) fn take(&mut self, name: &str) -> String {
        let mut texts = self.texts.iter_mut();
        let found = texts.find(|(other, _)| other == name);
        found
            .map(|(_, value)| std::mem::take(value))
            .unwrap_or_default()
    }
}

/// Reads a text; `texts` counts the bytes of all, names and values.
async fn text(mut part: Field<'_>, most: usize, texts: &mut usize) -> Result<String, Fault> {
    // A part without a text costs memory too.
    *texts += 64 + part.name().map_or(0, str::len);
    let mut bytes = Vec::new();
    loop {
        if *texts > most {
            return Err(Fault::TooLarge);
        }
        let Some(chunk) = part.chunk().await.map_err(|error| fault(&error))? else {
            break;
        };
        *texts += chunk.len();
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| malformed())
}

async fn file(mut part: Field<'_>, lengths: Lengths) -> Result<File, Fault> {
    let most = lengths.form.saturating_sub(lengths.text);
    let mut file = File {
        name: part.file_name().unwrap_or_default().to_owned(),
        media_type: part.content_type().map(str::to_owned),
        blocks: Vec::new(),
        size: 0,
        places: None,
    };
    let mut block = BytesMut::new();
    while let Some(chunk) = part.chunk().await.map_err(|error| fault(&error))? {
        file.size += chunk.len();
        if file.size > most {
            return Err(too_large());
        }
        // Copied, since a chunk may be a small part of a large buffer that it keeps alive.
        let mut rest = &chunk[..];
        while !rest.is_empty() {
            if block.capacity() == 0 {
                file.hold_a_place()?;
                block.reserve(BLOCK);
            }
            let fits = rest.len().min(BLOCK - block.len());
            block.extend_from_slice(&rest[..fits]);
            rest = &rest[fits..];
            if block.len() == BLOCK {
                file.blocks.push(std::mem::take(&mut block).freeze());
            }
        }
    }
    if !block.is_empty() {
        file.blocks.push(block.freeze());
    }
    Ok(file)
}

impl File {
    fn hold_a_place(&mut self) -> Result<(), Fault> {
        let text = "too many files are on their way";
        let place = BLOCKS
            .try_acquire()
            .map_err(|_| refused(ErrorReason::Overloaded, text))?;
        match &mut self.places {
            Some(places) => places.merge(place),
            none => *none = Some(place),
        }
        Ok(())
    }
}

fn too_large() -> Fault {
    refused(ErrorReason::PictureTooLarge, "the file is too large")
}

fn malformed() -> Fault {
    Fault::Malformed(String::from("the body is not a form of texts and a file"))
}

fn fault(error: &MultipartError) -> Fault {
    match error.status() {
        // Texts have a limit of their own, which is met first.
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => malformed(),
    }
}
