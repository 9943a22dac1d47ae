//! What `verify` accepts: what `sign` gives, and nothing else.

mod forged;
mod hostile_keys;
mod mint;
mod spelling;
mod times;
