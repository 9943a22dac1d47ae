//! The gateway: five documents, each as it is written.

mod contact;
mod profile;
