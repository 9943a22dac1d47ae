//! Reading an object piece by piece.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{
    StreamExt as _, TryStreamExt as _,
    stream::{self, BoxStream},
};
use object_store::GetResultPayload;
use tokio::{fs::File, time::timeout};
use tokio_util::io::ReaderStream;

use super::{ObjectError, fault};

/// Longest piece in bytes.
const PIECE: usize = 64 * 1024;

type Pieces = BoxStream<'static, Result<Bytes, ObjectError>>;

/// The bytes of an object of `size` bytes, each wait for them bounded by `limit`.
pub(super) fn chunks(payload: GetResultPayload, size: u64, limit: Duration) -> Pieces {
    let source = match payload {
        // Not by its own stream, which reads 8 KiB at a time.
        GetResultPayload::File(file, _) => ReaderStream::with_capacity(File::from_std(file), PIECE)
            .map_err(|error| fault::of_file(&error))
            .boxed(),
        GetResultPayload::Stream(stream) => {
            stream.map_err(|error| fault::reading_on(&error)).boxed()
        }
    };
    let reading = Reading {
        source,
        held: Bytes::new(),
        left: size,
        limit,
    };
    stream::try_unfold(reading, |mut reading| async {
        let piece = reading.next().await?;
        Ok(piece.map(|piece| (piece, reading)))
    })
    .boxed()
}

struct Reading {
    source: Pieces,
    /// What has arrived and was not given away yet.
    held: Bytes,
    /// Bytes that have yet to arrive.
    left: u64,
    limit: Duration,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Bytes>, ObjectError> {
        while self.held.is_empty() {
            let Ok(arrived) = timeout(self.limit, self.source.try_next()).await else {
                return Err(fault::silence(self.limit));
            };
            match arrived? {
                Some(bytes) => self.take(bytes)?,
                None if self.left == 0 => return Ok(None),
                None => return Err(fault::other_length()),
            }
        }
        Ok(Some(self.held.split_to(self.held.len().min(PIECE))))
    }

    fn take(&mut self, bytes: Bytes) -> Result<(), ObjectError> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.left = self
            .left
            .checked_sub(length)
            .ok_or_else(fault::other_length)?;
        self.held = bytes;
        Ok(())
    }
}
