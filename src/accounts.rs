//! WHO: accounts, from registration to deletion. One operation, one file.

mod activate;
mod change_email;
mod confirm_email;
pub mod delete;
pub mod fields;
mod held;
pub mod limit;
pub mod password;
pub mod picture;
mod principal;
mod reauthenticate;
pub mod register;
pub mod request_otp;
pub mod reset_password;
pub mod revocation;
pub mod update;

pub use activate::activate;
pub(crate) use change_email::forget_pending_email;
pub use confirm_email::confirm_email;
pub use delete::delete;
pub use held::{Hearing, Held};
pub use picture::{delete_picture, upload_picture};
pub use principal::Principal;
pub(crate) use principal::require_live;
pub use register::register;
pub use request_otp::request_otp;
pub use reset_password::reset_password;
pub use update::update;
