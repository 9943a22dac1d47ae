//! What is written down of a life with the real binary: no secret, at no level, and one line for one event.

mod lines;
mod secrets;
