//! The key directory: who may read it, how keys follow each other, and what is derived from them.

mod codes;
mod directory;
mod drill;
mod learn;
mod nodes;
mod retire;
mod rotation;
mod schedule;
mod seal;
