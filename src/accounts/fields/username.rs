//! User names: RFC 8265 says what is a name, UTS 39 which names look the same.

use std::{collections::HashSet, fmt, sync::LazyLock};

use precis_core::profile::PrecisFastInvocation as _;
use precis_profiles::UsernameCaseMapped;
use unicode_normalization::UnicodeNormalization as _;
use unicode_security::{RestrictionLevel, RestrictionLevelDetection as _, skeleton};

use super::{Violation, text};

/// More than any rule allows; it bounds the work on a text before its characters are counted.
const MAX_BYTES: usize = 1024;

/// Names that readers or programs would take for the service itself, for an operator, or for no name at all.
const RESERVED: [&str; 28] = [
    "accountd",
    "account",
    "accounts",
    "admin",
    "administrator",
    "anonymous",
    "api",
    "current",
    "default",
    "everyone",
    "guest",
    "help",
    "me",
    "moderator",
    "nobody",
    "null",
    "official",
    "operator",
    "owner",
    "postmaster",
    "root",
    "security",
    "self",
    "superuser",
    "support",
    "system",
    "undefined",
    "webmaster",
];

/// What a realm asks of a user name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsernameRule {
    /// The fewest code points, counted after mapping.
    pub min: u32,
    /// The most code points, counted after mapping.
    pub max: u32,
    /// Whether only ASCII letters and digits may stand in the name as typed.
    pub alphanumeric_only: bool,
}

/// A user name: one script (RFC 8265 and the highly restrictive level of UTS 39), no spaces, not a reserved word.
#[derive(Clone, PartialEq, Eq)]
pub struct Username {
    typed: String,
    canonical: String,
}

impl Username {
    /// Reads a name under `rule`. Refused are names too short or too long, spaces, invisible and other characters that
    /// no identifier has, mixed scripts, names without a letter or digit, and reserved words.
    pub fn parse(text: &str, rule: &UsernameRule) -> Result<Self, Violation> {
        text::sized(text, MAX_BYTES)?;
        text::visible(text)?;
        if text.chars().any(char::is_whitespace) {
            return Err(Violation::forbidden("must not contain spaces"));
        }
        let Some(mapped) = case_mapped(text) else {
            let text = "must have letters, digits and . _ - ' : only";
            return Err(Violation::forbidden(text));
        };
        text::counted(&mapped, rule.min, rule.max)?;
        if rule.alphanumeric_only && !text.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(Violation::forbidden(
                "must have letters a-z and digits only",
            ));
        }
        if !is_identifier(&mapped) {
            let text = "must have letters of one script, digits and . _ - ' : only";
            return Err(Violation::forbidden(text));
        }
        if !mapped.chars().any(char::is_alphanumeric) {
            return Err(Violation::malformed("must have a letter or a digit"));
        }
        let canonical = look(&mapped);
        if is_reserved(&canonical) {
            return Err(Violation::new("RESERVED", "is a reserved word"));
        }
        let typed = text.to_owned();
        Ok(Self { typed, canonical })
    }

    /// The canonical form of any text that somebody logs in or searches with; `None` when no account can have it.
    pub fn canonical_of(text: &str) -> Option<String> {
        text::sized(text, MAX_BYTES).ok()?;
        let mapped = case_mapped(text)?;
        is_identifier(&mapped).then(|| look(&mapped))
    }

    /// The name as its owner wrote it.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// What all names that look like this one have in common. It is for comparing, never for showing: `m` is `rn` in it.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Username")
    }
}

/// `UsernameCaseMapped` of RFC 8265. Composed first, since its tables refuse Hangul that comes decomposed.
fn case_mapped(text: &str) -> Option<String> {
    let composed: String = text.nfc().collect();
    let mapped = UsernameCaseMapped::enforce(composed).ok()?;
    Some(mapped.into_owned())
}

/// Highly restrictive is one script, or Latin beside the scripts of Chinese, Japanese or Korean.
fn is_identifier(mapped: &str) -> bool {
    mapped.check_restriction_level(RestrictionLevel::HighlyRestrictive)
}

/// The skeleton of UTS 39, in lower case. Lower case can make a character that has another skeleton (`0` looks like
/// `O`, which is `o`), so both are repeated until nothing changes; two rounds do for all that is known.
fn look(mapped: &str) -> String {
    let mut seen = mapped.to_owned();
    for _ in 0..8 {
        let next: String = skeleton(&seen).collect::<String>().to_lowercase();
        if next == seen {
            break;
        }
        seen = next;
    }
    seen
}

fn is_reserved(canonical: &str) -> bool {
    static LOOKS: LazyLock<HashSet<String>> =
        LazyLock::new(|| RESERVED.iter().map(|word| look(word)).collect());
    LOOKS.contains(canonical)
}
