//! The contract, through the socket.

mod codes;
mod enumeration;
mod journey;
mod realms;
mod sessions;
