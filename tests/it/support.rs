//! What tests stand on.

pub mod binary;
pub mod client;
pub mod codes;
pub mod contract;
pub mod database;
pub mod dump;
pub mod fault_proxy;
pub mod http2;
pub mod installation;
pub mod key_directory;
pub mod likeness;
pub mod loss;
pub mod metrics;
pub mod operator;
pub mod pictures;
pub mod postgres;
pub mod raw;
pub mod reasons;
pub mod redis;
pub mod rest;
pub mod s3;
pub mod samples;
pub mod served;
pub mod service;
pub mod smtp;
pub mod wire;
