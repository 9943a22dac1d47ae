//! What the library's errors mean to us, in words of our own: theirs repeat answers of the store, which can hold parts of
//! a request's signature.

use std::{error::Error, io, time::Duration};

use object_store::client::{HttpError, HttpErrorKind};

use super::ObjectError;

/// Longest part of a foreign text in ours.
const LONGEST: usize = 200;

/// How the library introduces a status that is no success.
const STATUS: &str = "status code: ";

/// The codes by which stores say that not the object, but what should hold it is missing.
const NO_BUCKET: [&str; 2] = ["NoSuchBucket", "ContainerNotFound"];

/// The meaning of an error of a call that names an object which may be missing.
pub(super) fn reading(error: &object_store::Error) -> ObjectError {
    match error {
        object_store::Error::NotFound { source, .. } => {
            let code = code(&source.to_string());
            if code.is_some_and(|code| NO_BUCKET.contains(&code.as_str())) {
                no_bucket()
            } else {
                ObjectError::Missing
            }
        }
        _ => unavailable(error),
    }
}

/// The meaning of an error in the middle of an object. It was there, so that nothing is plainly missing.
pub(super) fn reading_on(error: &object_store::Error) -> ObjectError {
    match error {
        object_store::Error::NotFound { .. } => {
            ObjectError::Unavailable("lost the object while it was read".into())
        }
        error => unavailable(error),
    }
}

/// The meaning of an error of a put, for which only the bucket can be missing.
pub(super) fn writing(error: &object_store::Error) -> ObjectError {
    match error {
        object_store::Error::NotFound { .. } => no_bucket(),
        error => unavailable(error),
    }
}

/// The meaning of an error of a file itself.
pub(super) fn of_file(error: &io::Error) -> ObjectError {
    ObjectError::Unavailable(format!("cannot use a file: {error}"))
}

/// Nothing was heard for as long as we wait.
pub(super) fn silence(limit: Duration) -> ObjectError {
    ObjectError::Unavailable(format!("does not answer within {limit:?}"))
}

/// More or fewer bytes than were announced.
pub(super) fn other_length() -> ObjectError {
    ObjectError::Unavailable("gave an object of another length than it said".into())
}

/// Whether an error says that a file or its directory is not there.
pub(super) fn is_no_file(error: &object_store::Error) -> bool {
    causes(error).any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
    })
}

/// The innermost cause, without what a store answered and cut to one short line.
pub(super) fn words(error: &object_store::Error) -> String {
    let innermost = causes(error).last().map(ToString::to_string);
    let innermost = innermost.unwrap_or_default();
    let line = innermost.split(['\n', '\r', '<', '{']).next();
    line.unwrap_or_default().chars().take(LONGEST).collect()
}

fn no_bucket() -> ObjectError {
    ObjectError::Unavailable("has no such bucket or container: create it, or name another".into())
}

fn unavailable(error: &object_store::Error) -> ObjectError {
    let text = match error {
        object_store::Error::PermissionDenied { source, .. }
        | object_store::Error::Unauthenticated { source, .. } => format!(
            "refuses us ({}): check the credentials and what they may do",
            status(&source.to_string()).unwrap_or_default()
        ),
        error => transport(error)
            .or_else(|| causes(error).find_map(|cause| status(&cause.to_string())))
            .map_or_else(
                || format!("fails: {}", words(error)),
                |text| text.trim_end().to_owned(),
            ),
    };
    ObjectError::Unavailable(text)
}

/// What went wrong below HTTP.
fn transport(error: &object_store::Error) -> Option<String> {
    let error = causes(error).find_map(|cause| cause.downcast_ref::<HttpError>())?;
    let text = match error.kind() {
        HttpErrorKind::Connect => "cannot be reached",
        HttpErrorKind::Timeout => "does not answer in time",
        HttpErrorKind::Request => "could not be asked",
        _ => "broke off its answer",
    };
    Some(text.into())
}

/// `answers 503 SlowDown`, from the text of an error about a status.
fn status(text: &str) -> Option<String> {
    let (_, behind) = text.split_once(STATUS)?;
    let number: String = behind.chars().take_while(char::is_ascii_digit).collect();
    let code = code(behind).unwrap_or_default();
    Some(format!("answers {number} {code}"))
}

/// The `<Code>` in an answer of S3, Google or Azure.
fn code(text: &str) -> Option<String> {
    let (_, behind) = text.split_once("<Code>")?;
    let code: String = behind
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .take(LONGEST)
        .collect();
    Some(code)
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| cause.source())
}
