//! stub
use std::time::Duration;
use super::fields::Password; use crate::{backend::Random, keys::Keys};
#[derive(Debug, Clone)] pub struct HashPool;
#[derive(Debug, Clone)] pub struct HashOptions { pub threads: usize, pub queue: usize, pub memory_kib: u32, pub passes: u32, pub lanes: u32, pub max_memory_kib: u32, pub max_passes: u32 }
#[derive(Debug)] pub enum HashError { Overloaded { retry_after: Duration }, Unusable(String), Stopped }
#[derive(Debug)] pub struct Pepper; impl Pepper { pub fn new(_: Keys, _: bool) -> Self { todo!() } }
#[derive(Debug)] pub enum Verdict { Wrong, Right, RightButWeak }
type D = Option<tokio::time::Instant>;
impl HashPool {
  pub fn start(_: HashOptions, _: Random, _: Pepper) -> Result<Self, String> { todo!() }
  pub fn start_weak(_: HashOptions, _: Random, _: Pepper) -> Result<Self, String> { todo!() }
  pub async fn hash(&self, _: Password, _: D) -> Result<String, HashError> { todo!() }
  pub async fn verify(&self, _: Password, _: String, _: D) -> Result<Verdict, HashError> { todo!() }
  pub async fn verify_nobody(&self, _: Password, _: D) -> Result<(), HashError> { todo!() }
}
