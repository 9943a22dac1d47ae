//! What tests stand on.

pub mod binary;
pub mod client;
pub mod codes;
pub mod database;
pub mod dump;
pub mod installation;
pub mod key_directory;
pub mod likeness;
pub mod loss;
pub mod operator;
pub mod postgres;
pub mod raw;
pub mod redis;
pub mod service;
pub mod smtp;
