//! Draws that a seed decides, whatever happened before.

use rand::{SeedableRng as _, rngs::SmallRng};

/// The draws of one act of a person or one strike: fresh each time, so that what the machine makes of one leaves the draws
/// of the next alone.
pub(super) fn draws(seed: u64, of: u64, number: u64) -> SmallRng {
    let own = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    SmallRng::seed_from_u64(seed ^ of.rotate_left(48) ^ own)
}
