//! The threads that render.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::Instant,
};

use super::{
    StudioError,
    queue::{Job, Queue},
};
use crate::{
    backend::threads::lower_priority,
    pictures::{Limits, Picture, Spooled, render},
};

/// Starts the thread `picture-<number>`; it ends when the queue is closed.
pub(super) fn spawn(number: usize, queue: Arc<Queue>) -> io::Result<()> {
    thread::Builder::new()
        .name(format!("picture-{number}"))
        .spawn(move || {
            lower_priority();
            serve(&queue, render_file);
        })
        .map(drop)
}

fn render_file(file: Spooled, limits: &Limits) -> Result<Picture, StudioError> {
    let bytes = file
        .read()
        .map_err(|error| StudioError::Broken(format!("cannot read a spooled file: {error}")))?;
    render(&bytes, limits).map_err(StudioError::Refused)
}

fn serve(queue: &Queue, render: impl Fn(Spooled, &Limits) -> Result<Picture, StudioError>) {
    while let Some(job) = queue.pop() {
        let Job {
            file,
            limits,
            reply,
            ..
        } = job;
        let started = Instant::now();
        // A thread lost would be a lost part of the service, so a panic ends its job only.
        let result = catch_unwind(AssertUnwindSafe(|| render(file, &limits)));
        queue.done(started.elapsed());
        let _ = reply.send(result.unwrap_or_else(|_| {
            let words = "a panic while a picture was rendered";
            Err(StudioError::Broken(words.to_owned()))
        }));
    }
}
