//! What `verify` accepts: what `sign` gives, and nothing else.

mod forged;
mod mint;
mod spelling;
mod times;
