//! The time of day, where a dialect needs it.

use std::{fmt, sync::Arc};

use time::OffsetDateTime;

/// Tells the present instant, as whoever builds the gateway would have it.
#[derive(Clone)]
pub struct Now(Arc<dyn Fn() -> OffsetDateTime + Send + Sync>);

impl Now {
    /// What `read` says, asked anew each time.
    pub fn new(read: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// The present instant.
    pub(super) fn read(&self) -> OffsetDateTime {
        (self.0)()
    }
}

impl fmt::Debug for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Now")
    }
}
