//! The service between engines that fail: what callers are told, what is kept, and how soon all is well again.

mod cut_off;
mod proxy;
mod start;
