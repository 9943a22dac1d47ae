//! stub
use std::fmt;
use uuid::Uuid;
use crate::backend::Timestamp;
#[derive(Debug)] pub struct Violation { pub reason: &'static str, pub text: String }
type R<T> = Result<T, Violation>;
#[derive(Debug)] pub struct UsernameRule { pub min: u32, pub max: u32, pub alphanumeric_only: bool }
#[derive(Debug)] pub struct PasswordRule { pub min: u32, pub max: u32, pub blocklist: bool, pub classes: bool }
#[derive(Debug)] pub enum PhoneRule { Valid, Digits }
#[derive(Debug, Clone)] pub struct Username; 
impl Username { pub fn parse(_: &str, _: &UsernameRule) -> R<Self> { todo!() } pub fn canonical_of(_: &str) -> Option<String> { todo!() } pub fn typed(&self) -> &str { todo!() } pub fn canonical(&self) -> &str { todo!() } }
#[derive(Debug, Clone)] pub struct Email; 
impl Email { pub fn parse(_: &str) -> R<Self> { todo!() } pub fn typed(&self) -> &str { todo!() } pub fn canonical(&self) -> &str { todo!() } }
#[derive(Debug, Clone)] pub struct Phone; 
impl Phone { pub fn parse(_: &str, _: &str, _: PhoneRule) -> R<Self> { todo!() } pub fn typed(&self) -> &str { todo!() } pub fn canonical(&self) -> &str { todo!() } }
#[derive(Debug, Clone)] pub struct FullName; 
impl FullName { pub fn parse(_: &str, _: u32, _: u32) -> R<Self> { todo!() } pub fn as_str(&self) -> &str { todo!() } }
#[derive(Debug, Clone)] pub struct ExternalId; 
impl ExternalId { pub fn parse(_: &str) -> R<Self> { todo!() } pub fn as_str(&self) -> &str { todo!() } }
#[derive(Debug, Clone)] pub struct Code; 
impl Code { pub fn parse(_: &str, _: u8) -> R<Self> { todo!() } pub fn as_str(&self) -> &str { todo!() } }
#[derive(Debug, Clone)] pub struct BirthDate; 
impl BirthDate { pub fn parse(_: i32, _: i32, _: i32, _: Timestamp) -> R<Self> { todo!() } }
impl fmt::Display for BirthDate { fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result { todo!() } }
#[derive(Debug, Clone)] pub struct Password; 
impl Password { pub fn parse(_: &str, _: &PasswordRule, _: &[&str]) -> R<Self> { todo!() } pub fn presented(_: &str) -> R<Self> { todo!() } }
pub fn id(_: &str) -> R<Uuid> { todo!() }
pub fn request_id(_: &str) -> R<Uuid> { todo!() }
pub fn lookup(_: &str) -> R<String> { todo!() }
#[derive(Debug)] pub struct AttributeSchema;
impl AttributeSchema { pub fn compile(_: &serde_json::Value) -> Result<Self, String> { todo!() } pub fn check(&self, _: serde_json::Map<String, serde_json::Value>) -> Result<serde_json::Value, Vec<(String, Violation)>> { todo!() } }
