//! Names that clients give to their requests.

use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

/// The one of that number, which is the same each time.
pub fn request_id(number: u128) -> String {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number).to_string()
}

/// One that no other call of this gives.
pub fn fresh_request_id() -> String {
    /// Beyond the numbers that tests choose.
    static NUMBER: AtomicU64 = AtomicU64::new(1 << 40);
    request_id(NUMBER.fetch_add(1, Ordering::Relaxed).into())
}
