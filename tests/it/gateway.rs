//! The gateway: five documents, each as it is written.

mod customer;
mod profile;
