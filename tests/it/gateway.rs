//! The gateway: five documents, each as it is written.

mod profile;
mod schemathesis;
