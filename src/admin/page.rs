//! Where the next page of a list begins, as a text that means nothing to its reader (AIP-158).

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::error::{Error, Result};

/// Entries on a page where the caller does not say.
const PAGE: u64 = 50;
/// Entries on a page at the most.
const PAGE_MOST: u64 = 1000;

#[derive(Serialize, Deserialize)]
struct Token<T> {
    /// What the list was of.
    of: String,
    after: T,
}

/// How many entries are wanted.
///
/// Refusals: `INVALID_FIELD` for less than none.
pub(super) fn size(wanted: i32) -> Result<u64> {
    let wanted = u64::try_from(wanted)
        .map_err(|_| Error::field("page_size", "OUT_OF_RANGE", "is negative"))?;
    Ok(match wanted {
        0 => PAGE,
        wanted => wanted.min(PAGE_MOST),
    })
}

/// Cuts what was read off at `size`, and gives back the last entry of the page where there is more behind it.
pub(super) fn cut<T>(read: &mut Vec<T>, size: u64) -> Option<&T> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let has_more = read.len() > size;
    read.truncate(size);
    read.last().filter(|_| has_more)
}

/// The token of a list of `what`, whose page ends with `after`.
pub(super) fn token<T: Serialize>(what: &str, after: T) -> Result<String> {
    let token = Token {
        of: digest_of(what),
        after,
    };
    let text = serde_json::to_vec(&token)
        .map_err(|error| Error::Internal(format!("page token: {error}")))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(text))
}

/// What the page before ended with; none for the first page.
///
/// Refusals: `INVALID_FIELD` for a token of another list.
pub(super) fn after<T: DeserializeOwned>(what: &str, token: &str) -> Result<Option<T>> {
    if token.is_empty() {
        return Ok(None);
    }
    let read = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
    let read = read.and_then(|text| serde_json::from_slice::<Token<T>>(&text).ok());
    match read {
        Some(token) if token.of == digest_of(what) => Ok(Some(token.after)),
        Some(_) => Err(Error::field(
            "page_token",
            "MISMATCH",
            "is that of another list: begin again without it",
        )),
        None => Err(Error::field(
            "page_token",
            "MALFORMED",
            "is no next_page_token",
        )),
    }
}

fn digest_of(what: &str) -> String {
    let digest = digest(&SHA256, what.as_bytes());
    let short = digest.as_ref().get(..9).unwrap_or_default();
    BASE64_URL_SAFE_NO_PAD.encode(short)
}
