//! The blocklist of passwords (NIST SP 800-63B, 3.1.1.2).

use zxcvbn::matching::patterns::MatchPattern;

/// How many passwords the longest of the word lists has: whatever takes fewer guesses is found before its last word.
const GUESSES: u64 = 30_000;

/// Whether the password, as a whole, is among those tried first: an entry of the lists of common passwords, words and
/// names, also with other case, letters replaced by digits, or backwards; or a plain repetition, sequence or run of
/// keys. A longer password that merely contains such a word is not.
pub(super) fn is_common(secret: &str) -> bool {
    let estimate = zxcvbn::zxcvbn(secret, &[]);
    if estimate.guesses() < GUESSES {
        return true;
    }
    // A capital or a digit for a letter multiplies the guesses, so the number alone would let `P@ssw0rd…` pass.
    match estimate.sequence() {
        [only] => {
            matches!(only.pattern, MatchPattern::Dictionary(_)) && only.token.len() == secret.len()
        }
        _ => false,
    }
}
