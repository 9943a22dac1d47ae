//! The contract, through the socket.

mod audit;
mod authorisation;
mod codes;
mod enumeration;
mod journey;
mod races;
mod realms;
mod sessions;
