//! The gateway: five documents, each as it is written.

mod documents;
mod edge;
mod profile;
mod two_step;
