//! What accounts are made of.

mod fields;
mod password;
