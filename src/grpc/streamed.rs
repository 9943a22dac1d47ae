//! An answer that streams, whose code is known only at its end.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tonic::{Code, Status, body::Body};

use crate::{metrics::calls, traces};

/// Passes a body on, and counts and traces its call when the trailers have come.
#[derive(Debug)]
pub(super) struct Streamed {
    inner: Body,
    call: Option<(calls::Call, traces::Call)>,
}

impl Streamed {
    /// The answer `inner` to a call, which is cancelled where the body is not read to its end.
    pub(super) const fn new(inner: Body, counted: calls::Call, traced: traces::Call) -> Self {
        Self {
            inner,
            call: Some((counted, traced)),
        }
    }

    fn end(&mut self, code: Code) {
        if let Some((counted, traced)) = self.call.take() {
            counted.end_now(code.into());
            traced.end(code.into());
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
