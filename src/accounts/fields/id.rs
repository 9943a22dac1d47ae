//! Ids: ours, and those that clients give to their requests.

use uuid::Uuid;

use super::Violation;

/// Characters of a UUID with hyphens (RFC 9562).
const LENGTH: usize = 36;

/// An id that accountd has given: a UUID in lower case with hyphens, and in no other spelling.
///
/// One id, one spelling: what compares texts (a log search, a cache, a path) then compares ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Id(Uuid);

impl Id {
    /// Reads an id. Refused are numbers, braces, capitals, and UUIDs without hyphens.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        match hyphenated(text) {
            Some(uuid) if !text.bytes().any(|b| b.is_ascii_uppercase()) => Ok(Self(uuid)),
            _ => Err(Violation::malformed(
                "must be a UUID in lower case with hyphens",
            )),
        }
    }

    /// The id as a UUID.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl From<Id> for Uuid {
    fn from(id: Id) -> Self {
        id.0
    }
}

/// The name that a client gives to one request, so that it may be sent again (AIP-155): a UUID of any version with
/// hyphens. Capitals are taken too, since some platforms print no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(Uuid);

impl RequestId {
    /// Reads a request id. Refused is what is not a UUID, and the one that is all zeros: a client that forgot to choose
    /// would have every request answered by the first.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        match hyphenated(text) {
            Some(uuid) if !uuid.is_nil() => Ok(Self(uuid)),
            _ => Err(Violation::malformed(
                "must be a UUID with hyphens, not all zeros",
            )),
        }
    }

    /// The request id as a UUID.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

/// Other forms that the crate reads (braces, URN, plain digits) have other lengths.
fn hyphenated(text: &str) -> Option<Uuid> {
    if text.len() != LENGTH {
        return None;
    }
    Uuid::try_parse(text).ok()
}
