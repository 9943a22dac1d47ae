//! WHO: what an account is made of, and what may be done with it.

pub mod fields;
pub mod password;
