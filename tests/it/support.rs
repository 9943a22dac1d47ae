//! What tests stand on.

pub mod binary;
pub mod client;
pub mod database;
pub mod key_directory;
pub mod postgres;
pub mod redis;
pub mod service;
pub mod smtp;
