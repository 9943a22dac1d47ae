//! Faults on purpose: the one seam through which tests break the outside world and put known bugs back.
//!
//! Every call that leaves the process (a statement, a commit, a command to the key-value store, a letter, an object)
//! passes through [`Faults::around`] under a name of its own. Builds with the cargo feature `faults`, which tests are,
//! can make it fail, wait, or take the process with it, before or after its effect. All other builds have a type
//! without a value, whose calls vanish.

mod bug;
#[cfg(not(feature = "faults"))]
mod none;
#[cfg(feature = "faults")]
mod plan;

pub use bug::Bug;
#[cfg(not(feature = "faults"))]
pub use none::Faults;
#[cfg(feature = "faults")]
pub use plan::{Fault, Faults, Noise};

/// How a call looks to its caller when it was broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Nothing came back.
    Lost,
    /// Something came back that cannot be read.
    Garbled,
}
