//! Parsing the fields of a request, all of them before the first is refused.

use crate::{
    accounts::fields::Violation,
    config::Presence,
    error::{Error, FieldFault, Result},
};

/// Bytes of a field that has no limit of its own, at the most.
const PLAIN_MOST: usize = 512;

/// Bytes of names and texts in one refusal, at the most: they travel in headers that proxies cut at 8 KiB, and a client
/// chooses how many of its attributes are wrong and how long their names are.
const TOLD_MOST: usize = 1024;

/// The faults found so far.
#[derive(Debug, Default)]
pub(super) struct Fields {
    faults: Vec<FieldFault>,
}

impl Fields {
    /// Notes why a field cannot be taken.
    pub(super) fn refuse(&mut self, field: &str, reason: &'static str, text: impl Into<String>) {
        self.faults.push(FieldFault {
            field: field.to_owned(),
            reason,
            text: text.into(),
        });
    }

    /// The value, or none and a note.
    pub(super) fn take<T>(&mut self, field: &str, parsed: Result<T, Violation>) -> Option<T> {
        parsed
            .map_err(|violation| self.refuse(field, violation.reason, violation.text))
            .ok()
    }

    /// The value of a field that must be there.
    pub(super) fn required<T>(
        &mut self,
        field: &str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, Violation>,
    ) -> Option<T> {
        if text.is_empty() {
            self.refuse(field, "REQUIRED", "must be given");
            return None;
        }
        self.take(field, parse(text))
    }

    /// The value of a field that the realm has, may have or has not.
    pub(super) fn present<T>(
        &mut self,
        field: &str,
        text: &str,
        presence: Presence,
        parse: impl FnOnce(&str) -> Result<T, Violation>,
    ) -> Option<T> {
        match (text.is_empty(), presence) {
            (true, Presence::Required) => {
                self.refuse(field, "REQUIRED", "must be given");
                None
            }
            (true, _) => None,
            (false, Presence::Off) => {
                self.refuse(field, "NOT_SUPPORTED", "is not kept by the realm");
                None
            }
            (false, _) => self.take(field, parse(text)),
        }
    }

    /// A text of ours that a client hands back: at most 512 bytes, visible ASCII.
    pub(super) fn plain<'a>(&mut self, field: &str, text: &'a str) -> &'a str {
        if text.len() > PLAIN_MOST {
            self.refuse(
                field,
                "TOO_LONG",
                format!("has more than {PLAIN_MOST} bytes"),
            );
            return "";
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.refuse(
                field,
                "FORBIDDEN_CHARACTER",
                "has other than visible ASCII characters",
            );
            return "";
        }
        text
    }

    /// Refuses the request if any field was.
    ///
    /// Refusals: `INVALID_FIELD`, with every field in it.
    pub(super) fn finish(&self) -> Result<()> {
        if self.faults.is_empty() {
            Ok(())
        } else {
            Err(self.refusal())
        }
    }

    /// The refusal of what has been noted: all of it, or as much as a header takes.
    pub(super) fn refusal(&self) -> Error {
        let mut length = 0;
        let fits = |fault: &&FieldFault| {
            let is_first = length == 0;
            length += fault.field.len() + fault.text.len();
            is_first || length <= TOLD_MOST
        };
        Error::InvalidField(self.faults.iter().take_while(fits).cloned().collect())
    }
}
