//! Passwords.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use super::{Violation, common, text};

/// Well above what 128 code points need, and the only bound at login. Nothing is ever cut off.
const MAX_BYTES: usize = 1024;

/// What a realm asks of a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordRule {
    /// The fewest code points, counted after normalisation (NIST SP 800-63B, 3.1.1.2).
    pub min: u32,
    /// The most code points, counted after normalisation.
    pub max: u32,
    /// Whether common passwords, and words that belong to the account or the product, are refused.
    pub blocklist: bool,
    /// Whether a lower-case letter, a capital, a digit and one of `!@#$%^&*` are asked for. NIST advises against it.
    pub classes: bool,
}

/// A password in the one spelling that is hashed. It is wiped from memory when dropped and not printed by `Debug`.
#[derive(Clone)]
pub struct Password {
    secret: Zeroizing<String>,
}

impl Password {
    /// Reads a new password under `rule`; `context` holds the user name, the local part of the address and the name of
    /// the product. Refused are more than 1024 bytes, control characters, and what the rule excludes.
    pub fn parse(text: &str, rule: &PasswordRule, context: &[&str]) -> Result<Self, Violation> {
        let password = Self::presented(text)?;
        let secret = password.secret();
        text::counted(secret, rule.min, rule.max)?;
        if rule.classes && !has_all_classes(secret) {
            return Err(Violation::new(
                "TOO_SIMPLE",
                "must have a lower-case letter, a capital, a digit and one of !@#$%^&*",
            ));
        }
        if rule.blocklist && is_context(secret, context) {
            return Err(Violation::new(
                "CONTAINS_CONTEXT",
                "must not be the user name, the email address or the name of the service",
            ));
        }
        if rule.blocklist && common::is_common(secret) {
            return Err(Violation::new(
                "COMMON_PASSWORD",
                "is among the passwords that are tried first",
            ));
        }
        Ok(password)
    }

    /// Reads a password that is shown at login: normalised like a new one, but bound by no rule, since rules change and
    /// passwords stay. Refused are an empty one, more than 1024 bytes, and control characters.
    pub fn presented(text: &str) -> Result<Self, Violation> {
        text::sized(text, MAX_BYTES)?;
        text::controlled(text)?;
        let secret = Zeroizing::new(opaque(text));
        Ok(Self { secret })
    }

    /// The password itself.
    pub fn secret(&self) -> &str {
        &self.secret
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

/// The steps of `OpaqueString` (RFC 8265, 4.2): every space becomes U+0020, then NFC.
///
/// Its character class is not applied beyond control characters. The tables at hand are of Unicode 6.3: they refuse
/// the emoji of later years, any emoji with a joiner, and Hangul as some keyboards send it, all of which NIST SP
/// 800-63B wants accepted.
fn opaque(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .nfc()
        .collect()
}

/// The classes of the document that asks for them.
fn has_all_classes(secret: &str) -> bool {
    let has = |is_member: fn(&u8) -> bool| secret.as_bytes().iter().any(is_member);
    has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_digit)
        && has(|byte| b"!@#$%^&*".contains(byte))
}

fn is_context(secret: &str, context: &[&str]) -> bool {
    let secret = secret.to_lowercase();
    context
        .iter()
        .any(|word| !word.is_empty() && opaque(word).to_lowercase() == secret)
}
