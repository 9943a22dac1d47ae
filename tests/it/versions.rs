//! Two versions on the same stores and keys: the one before this and the one after it.
//!
//! The version before is there as what it left behind (`fixtures/`), and as a binary where `TEST_OTHER_BINARY` names one. The
//! version after is there as the schema that it may make of ours.

mod ahead;
mod before;
mod dump;
mod held;
mod keys;
mod left;
mod life;
mod making;
mod next;
mod pair;
