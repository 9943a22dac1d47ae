//! The gateway: five documents, each as it is written.

mod contact;
mod customer;
mod documents;
mod edge;
mod profile;
mod school;
mod two_step;
mod page;
mod schemathesis;
mod scripts;
