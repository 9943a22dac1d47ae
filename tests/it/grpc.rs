//! The contract, through the socket.

mod codes;
mod edge;
mod enumeration;
mod input;
mod journey;
mod protocol;
mod realms;
mod refusals;
