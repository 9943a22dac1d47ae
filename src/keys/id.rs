//! What a key is called, and what its name tells.

use std::fmt;

use time::{OffsetDateTime, PrimitiveDateTime, macros::format_description};

use crate::backend::{Random, Timestamp};

/// The name of a key: when it was made, and four hexadecimal digits against two of one second.
///
/// `20261121T021500Z-1f3a`: always 21 bytes, so that sorting by name is sorting by age.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    text: String,
    created: Timestamp,
}

impl Id {
    /// Bytes of the name.
    pub const LENGTH: usize = 21;

    /// A name for a key made at `now`.
    pub fn new(now: Timestamp, random: &Random) -> Self {
        let created = Timestamp::from_millis(now.seconds() * 1000);
        let digits = u16::from_be_bytes(random.bytes());
        Self {
            text: format!("{}-{digits:04x}", compact(created)),
            created,
        }
    }

    /// Reads a name; `None` for any other spelling than the one that [`Id::new`] gives.
    pub fn parse(text: &str) -> Option<Self> {
        let (time, digits) = text.split_once('-')?;
        let format = format_description!("[year][month][day]T[hour][minute][second]Z");
        let moment = PrimitiveDateTime::parse(time, format).ok()?.assume_utc();
        let created = Timestamp::from_millis(moment.unix_timestamp() * 1000);
        let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let canonical =
            compact(created) == time && digits.len() == 4 && digits.as_bytes().iter().all(is_digit);
        canonical.then(|| Self {
            text: text.to_owned(),
            created,
        })
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// When the key was made, to the second.
    pub fn created(&self) -> Timestamp {
        self.created
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn compact(at: Timestamp) -> String {
    let at =
        OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}
