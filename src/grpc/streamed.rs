//! An answer that streams, whose code is known only at its end.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tonic::{Code, Status, body::Body};

use crate::metrics::calls::Call;

/// Passes a body on and counts its call when the trailers have come.
#[derive(Debug)]
pub(super) struct Streamed {
    inner: Body,
    call: Option<Call>,
}

impl Streamed {
    /// The answer `inner` to `call`, which counts as cancelled where the body is not read to its end.
    pub(super) const fn new(inner: Body, call: Call) -> Self {
        Self {
            inner,
            call: Some(call),
        }
    }

    fn end(&mut self, code: Code) {
        if let Some(call) = self.call.take() {
            call.end_now(code.into());
        }
    }
}

impl hyper::body::Body for Streamed {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    let told = Status::from_header_map(trailers);
                    self.end(told.map_or(Code::Unknown, |status| status.code()));
                }
            }
            Some(Err(status)) => {
                let code = status.code();
                self.end(code);
            }
            None => self.end(Code::Unknown),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
