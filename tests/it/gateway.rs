//! The gateway: five documents, each as it is written.

mod contact;
mod documents;
mod edge;
mod profile;
mod two_step;
mod school;
