//! The contract, as generated from `proto/`.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::large_enum_variant,
    clippy::pedantic,
    clippy::allow_attributes,
    reason = "generated code"
)]

/// `google.type`, as far as the contract uses it.
pub mod google {
    pub mod r#type {
        tonic::include_proto!("google.r#type");
    }
}

/// `accountd.v1`.
pub mod accountd {
    pub mod v1 {
        tonic::include_proto!("accountd.v1");
    }
}

pub use accountd::v1::*;
pub use google::r#type::Date;

/// The descriptors of all files of the contract, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/accountd.bin"));
