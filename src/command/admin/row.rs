//! An account as one line of JSON: what an export writes, and an import reads.

mod read;
mod write;

pub(super) use read::read;
pub(super) use write::write;
