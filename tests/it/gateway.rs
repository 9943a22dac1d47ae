//! The gateway: five documents, each as it is written.

mod page;
mod profile;
mod schemathesis;
mod scripts;
