//! The gateway: five documents, each as it is written.

mod contact;
mod customer;
mod documents;
mod edge;
mod other_realms;
mod page;
mod profile;
mod schemathesis;
mod school;
mod scripts;
mod two_step;
