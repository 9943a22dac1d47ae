//! The outside world, as closed enums: one variant for production, one for tests.
//!
//! Nothing here knows accounts, realms or the contract; options are plain values that `command` takes from the
//! configuration.

pub mod clock;
pub mod kv;
pub mod mail;
pub mod objects;
pub mod random;
pub mod threads;

pub use clock::{Clock, Timestamp};
pub use kv::Kv;
pub use mail::{Mailer, SendError};
pub use objects::Objects;
pub use random::Random;
