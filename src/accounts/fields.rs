//! Where raw strings end: each field of an account as a type that only its `parse` can make.
//!
//! A parser looks at the length first, in constant time, so that a text of any size is refused before it costs
//! anything. Where two spellings mean the same, the canonical form is computed here, once; it is stored beside the
//! form as typed, and the unique index of the tables compares it.

mod attributes;
mod birth_date;
mod code;
mod common;
mod email;
mod external_id;
mod full_name;
mod id;
mod password;
mod phone;
mod text;
mod username;
mod violation;

pub use attributes::{AttributeSchema, AttributeViolation, Attributes};
pub use birth_date::BirthDate;
pub use code::Code;
pub use email::Email;
pub use external_id::ExternalId;
pub use full_name::{FullName, FullNameRule};
pub use id::{Id, RequestId};
pub use password::{Password, PasswordRule};
pub use phone::{Phone, PhoneRule};
pub use username::{Username, UsernameRule};
pub use violation::Violation;
