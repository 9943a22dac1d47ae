//! Threads for long computations.

use thread_priority::{ThreadPriority, ThreadPriorityValue};

/// About nice 10: long work yields to the threads that answer everybody else, but does not starve beside them.
const PRIORITY: u8 = 25;

/// Lowers the priority of the calling thread, where the system lets it.
pub fn lower_priority() {
    let lowered = ThreadPriorityValue::try_from(PRIORITY)
        .map_err(|error| error.clone())
        .and_then(|value| {
            ThreadPriority::Crossplatform(value)
                .set_for_current()
                .map_err(|error| error.to_string())
        });
    if let Err(error) = lowered {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or_default();
        tracing::debug!(%error, thread = name, "a thread for long work runs at normal priority");
    }
}
