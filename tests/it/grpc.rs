//! The contract, through the socket.

mod authorisation;
mod codes;
mod enumeration;
mod journey;
mod realms;
mod sessions;
