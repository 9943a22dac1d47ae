//! WHETHER: logins, and what they open.

mod authenticate;
pub mod list;
pub mod login;
pub mod logout;
pub mod open;
pub mod refresh;
pub mod refresh_token;
pub mod revoke;
pub mod token;
pub mod verify_otp;

pub use authenticate::{authenticate, recognise};
pub use list::list;
pub use login::login;
pub use logout::logout;
pub use open::Tokens;
pub use refresh::refresh;
pub use revoke::revoke;
pub use verify_otp::verify_otp;
