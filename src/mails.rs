//! What people are told by mail, and its way out.
//!
//! An operation puts a [`Mail`] into the outbox with [`queue()`], in the transaction of what the mail tells of;
//! [`deliver`] turns it into words and sends it. A mail names neither a code, a password nor a token, and shows nothing
//! that a user typed but an address with its middle hidden: it must not carry anybody's message to a stranger.

mod compose;
pub mod deliver;
mod kind;
mod mask;
mod queue;

pub use crate::config::Locale;
pub use compose::{ComposeError, Context, Words, compose};
pub use kind::{Mail, Purpose};
pub use mask::mask_address;
pub use queue::{Order, queue};
