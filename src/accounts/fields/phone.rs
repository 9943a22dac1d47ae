//! Phone numbers in E.164.

use std::fmt;

use phonenumber::{Mode, country, metadata::DATABASE};

use super::{Violation, text};

/// Longer than 15 digits with every separator between them.
const MAX_BYTES: usize = 32;
/// E.164: a number has at most 15 digits, its country code among them.
const MAX_DIGITS: usize = 15;
const MIN_DIGITS: usize = 8;

/// What a realm asks of a phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneRule {
    /// A number that the numbering plan of its country has; spaces, hyphens, dots and brackets may stand between digits.
    Valid,
    /// An optional `+` and 8 to 15 digits, in the plan or not.
    Digits,
}

/// A phone number as typed, and in E.164.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone {
    typed: String,
    canonical: String,
}

impl Phone {
    /// Reads a number; one without a country code belongs to `region` (ISO 3166, such as `ID`). Refused are letters,
    /// digits of other scripts, extensions, and what `rule` excludes.
    pub fn parse(text: &str, region: &str, rule: PhoneRule) -> Result<Self, Violation> {
        text::sized(text, MAX_BYTES)?;
        let has_form = match rule {
            PhoneRule::Valid => is_written_number(text),
            PhoneRule::Digits => is_bare_number(text),
        };
        if !has_form {
            return Err(Violation::malformed(
                "must have 8 to 15 digits 0-9, with a + before a country code",
            ));
        }
        // The plan comes first under both rules, so that a number has the same canonical form in every realm.
        let canonical = match (in_plan(text, region), rule) {
            (Some(number), _) => number,
            (None, PhoneRule::Digits) => by_digits(text, region)?,
            (None, PhoneRule::Valid) => {
                return Err(Violation::malformed("must be a phone number in use"));
            }
        };
        let typed = text.to_owned();
        Ok(Self { typed, canonical })
    }

    /// The number as its owner wrote it.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// The number in E.164, such as `+628123123123`.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone")
    }
}

/// The parser of the numbering plans reads letters, extensions and other scripts' digits; none of them may reach it.
fn is_written_number(text: &str) -> bool {
    let number = text.strip_prefix('+').unwrap_or(text);
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    (MIN_DIGITS..=MAX_DIGITS).contains(&digits)
        && number
            .bytes()
            .all(|b| b.is_ascii_digit() || b" -.()".contains(&b))
}

fn is_bare_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (MIN_DIGITS..=MAX_DIGITS).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

fn in_plan(text: &str, region: &str) -> Option<String> {
    let region: Option<country::Id> = region.parse().ok();
    let number = phonenumber::parse(region, text).ok()?;
    let is_usable = number.is_valid() && number.extension().is_none();
    is_usable.then(|| number.format().mode(Mode::E164).to_string())
}

/// A national number loses one leading zero, the trunk prefix, and gets the country code of `region`.
fn by_digits(text: &str, region: &str) -> Result<String, Violation> {
    let malformed = || Violation::malformed("must have a country code, or a national number");
    let digits = if let Some(international) = text.strip_prefix('+') {
        international.to_owned()
    } else {
        let plan = DATABASE.by_id(region).ok_or_else(malformed)?;
        let national = text.strip_prefix('0').unwrap_or(text);
        if national.starts_with('0') {
            return Err(malformed());
        }
        format!("{}{national}", plan.country_code())
    };
    // No country code begins with a zero.
    if digits.starts_with('0') {
        return Err(malformed());
    }
    if digits.len() > MAX_DIGITS {
        let text = format!("must have at most {MAX_DIGITS} digits with its country code");
        return Err(Violation::too_long(text));
    }
    Ok(format!("+{digits}"))
}
