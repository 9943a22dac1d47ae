//! The key directory: who may read it, how keys follow each other, and what is derived from them.

mod codes;
mod directory;
mod rotation;
mod seal;
