//! No faults: what everybody runs.

use std::future::Future;

use super::{Broken, Bug};

/// The seam of a build that has none.
#[derive(Clone, Debug)]
pub struct Faults;

impl Faults {
    /// No faults.
    pub const fn none() -> Self {
        Self
    }

    /// No faults, whatever the environment says.
    pub const fn from_environment() -> Self {
        Self
    }

    /// Whether a known bug is put back: never.
    pub const fn has(&self, _: Bug) -> bool {
        false
    }

    /// Nothing: no name of a point is wanted here.
    pub const fn keep(&self, _: &str) -> &'static str {
        ""
    }

    /// The call, as it is.
    pub async fn around<T, E>(
        &self,
        _: impl FnOnce() -> String,
        call: impl Future<Output = Result<T, E>>,
        _: impl FnOnce(Broken) -> E,
    ) -> Result<T, E> {
        call.await
    }
}
