//! The contract, through the socket.

mod audit;
mod authorisation;
mod codes;
mod edge;
mod enumeration;
mod foreign_hashes;
mod input;
mod journey;
mod pictures;
mod protocol;
mod races;
mod realms;
mod refusals;
mod sessions;
