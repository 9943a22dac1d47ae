//! A letter, and its form on the wire.

use std::{
    fmt,
    time::{Duration, UNIX_EPOCH},
};

use lettre::{
    Address, Message,
    message::{
        Body, MultiPart, MultiPartKind, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use uuid::Uuid;

use super::{SendError, address};
use crate::backend::clock::Timestamp;

/// The longest line that may go unencoded (RFC 5322, 2.1.1).
const LINE_MAX: usize = 998;

/// What one person is told, in two renderings of the same words.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// The left part of the Message-ID; the same each time the letter is sent, so that copies can be recognised.
    pub id: Uuid,
    /// Who sends it: `accountd <no-reply@localhost>`.
    pub from: String,
    /// The one address it goes to.
    pub to: String,
    /// One line without control characters.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// A letter ready for the wire.
pub(super) struct Sealed {
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) bytes: Vec<u8>,
}

// The text holds a code, and the recipient is a person: neither belongs into a log line written in haste.
impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter")
            .field("id", &self.id)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

impl Letter {
    /// Headers and both parts, dated `now`.
    pub(super) fn seal(&self, now: Timestamp) -> Result<Sealed, SendError> {
        let to = address::recipient(&self.to)?;
        let from = address::sender(&self.from)?;
        let sender = from.email.clone();
        // Rejected rather than escaped: an honest subject has none.
        if self.subject.chars().any(char::is_control) {
            return Err(SendError::Never(
                "the subject has control characters".to_owned(),
            ));
        }
        let parts = MultiPart::builder()
            .kind(MultiPartKind::Alternative)
            .boundary(self.id.simple().to_string())
            .singlepart(part(ContentType::TEXT_PLAIN, &self.text))
            .singlepart(part(ContentType::TEXT_HTML, &self.html));
        let since = Duration::from_millis(u64::try_from(now.millis()).unwrap_or(0));
        let message = Message::builder()
            .date(UNIX_EPOCH + since)
            .from(from)
            .to(to.clone().into())
            .subject(self.subject.clone())
            .message_id(Some(format!("<{}@{}>", self.id, sender.domain())))
            // Keeps answering machines from answering (RFC 3834).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .multipart(parts)
            .map_err(|error| SendError::Never(format!("the letter cannot be built: {error}")))?;
        Ok(Sealed {
            from: sender,
            to,
            bytes: message.formatted(),
        })
    }
}

/// Never base64, so that a code can be found by eye and by grep.
fn part(content_type: ContentType, words: &str) -> SinglePart {
    let is_plain = words.is_ascii() && words.lines().all(|line| line.len() <= LINE_MAX);
    let encoding = if is_plain {
        ContentTransferEncoding::SevenBit
    } else {
        ContentTransferEncoding::QuotedPrintable
    };
    // Quoted-printable keeps these line ends, and would write bare ones as `=0A`: a mail of one endless line (RFC 2045, 6.7).
    let words = words.replace('\n', "\r\n");
    let body = Body::new_with_encoding(words, encoding).unwrap_or_else(Body::new);
    SinglePart::builder().header(content_type).body(body)
}
