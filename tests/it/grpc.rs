//! The contract, through the socket.

mod journey;
