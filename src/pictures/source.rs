//! What a decoder reads: the parts of a file that were kept, as one stream.

use std::{
    borrow::Cow,
    io::{self, BufRead, Read, Seek, SeekFrom},
};

use super::time_limit::TimeLimit;

/// Bytes handed out between two looks at the time: few enough even where each byte unpacks to a thousand, and enough
/// that looking, which asks the system, costs nothing beside.
const PIECE_BYTES: usize = 4096;

/// The parts one behind the other; reading fails once the time is over, which ends a decoder at its next read.
pub(super) struct Source<'a> {
    parts: Vec<Cow<'a, [u8]>>,
    /// Where each part ends in the stream.
    ends: Vec<u64>,
    position: u64,
    time: TimeLimit,
    /// Where the time was looked at last.
    looked: Option<u64>,
}

impl<'a> Source<'a> {
    pub(super) fn new(parts: Vec<Cow<'a, [u8]>>, time: TimeLimit) -> Self {
        let mut end = 0;
        let ends = parts.iter().map(|part| {
            end += part.len() as u64;
            end
        });
        Self {
            ends: ends.collect(),
            parts,
            position: 0,
            time,
            looked: None,
        }
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let is_near = |at: u64| self.position.abs_diff(at) < PIECE_BYTES as u64;
        if !self.looked.is_some_and(is_near) {
            if self.time.is_over() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.looked = Some(self.position);
        }
        let index = self.ends.partition_point(|end| *end <= self.position);
        let Some(part) = self.parts.get(index) else {
            return Ok(&[]);
        };
        let rest = usize::try_from(self.ends[index] - self.position).unwrap_or(usize::MAX);
        let rest = &part[part.len().saturating_sub(rest)..];
        Ok(&rest[..rest.len().min(PIECE_BYTES)])
    }

    fn consume(&mut self, amount: usize) {
        self.position += amount as u64;
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = self.fill_buf()?;
        let length = piece.len().min(buffer.len());
        buffer[..length].copy_from_slice(&piece[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl Seek for Source<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let end = self.ends.last().copied().unwrap_or_default();
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => end.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        // A place before the beginning is refused, one behind the end is empty, as in a file.
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn source(time: Duration) -> Source<'static> {
        let parts = ["ab", "", "cde", "f"].map(|part| Cow::Borrowed(part.as_bytes()));
        Source::new(parts.to_vec(), TimeLimit::start(time))
    }

    #[test]
    fn parts_read_as_one_stream() {
        let mut source = source(Duration::MAX);
        let mut text = String::new();
        source.read_to_string(&mut text).unwrap();
        assert_eq!(text, "abcdef");

        for (to, rest) in [
            (SeekFrom::Start(1), "bcdef"),
            (SeekFrom::End(-2), "ef"),
            (SeekFrom::Current(9), ""),
        ] {
            source.seek(to).unwrap();
            let mut text = String::new();
            source.read_to_string(&mut text).unwrap();
            assert_eq!(text, rest, "{to:?}");
        }
        assert!(source.seek(SeekFrom::Current(-99)).is_err());
    }

    #[test]
    fn reading_fails_once_the_time_is_over() {
        let error = source(Duration::ZERO).read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
