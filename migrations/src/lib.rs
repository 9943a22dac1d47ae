//! The schema of accountd, one file per step.
#![expect(
    elided_lifetimes_in_paths,
    reason = "async_trait takes the signatures only as the trait itself writes them"
)]

pub mod m20261121_000004_outbox;
