//! The blocklist of passwords (NIST SP 800-63B, 3.1.1.2).

use zxcvbn::matching::patterns::MatchPattern;

/// How many entries the longest of the lists has: what takes fewer guesses is found before the last of them.
const GUESSES: u64 = 30_000;
/// No entry of the lists has more than 23 characters; the time of an estimate grows with the square of the length.
const MAX_LENGTH: usize = 32;
/// An estimate is made once for each way to read signs as letters. With all signs there are hundreds of ways, and a
/// single password of 100 characters would occupy a core for most of a second.
const MAX_READINGS: usize = 8;

/// Which signs are read as which letter where a letter has several.
const SIGNS: [(char, &str); 7] = [
    ('a', "4@"),
    ('c', "({[<"),
    ('g', "69"),
    ('i', "1!|"),
    ('l', "1|7"),
    ('s', "$5"),
    ('t', "+7"),
];

/// Whether the password, as a whole, is among those tried first: an entry of the lists of common passwords, words and
/// names, also with other case, signs for letters, or backwards; or a plain repetition, sequence or run of keys.
/// One that merely contains such a word is not, nor is any of more than 32 characters.
pub(super) fn is_common(secret: &str) -> bool {
    if secret.chars().count() > MAX_LENGTH {
        return false;
    }
    if readings(secret) <= MAX_READINGS {
        is_tried_first(secret)
    } else {
        is_tried_first(&plainer(secret))
    }
}

fn is_tried_first(secret: &str) -> bool {
    let estimate = zxcvbn::zxcvbn(secret, &[]);
    if estimate.guesses() < GUESSES {
        return true;
    }
    // Capitals and signs multiply the guesses, so the number alone would let some entries pass in disguise.
    match estimate.sequence() {
        [whole] => matches!(whole.pattern, MatchPattern::Dictionary(_)),
        _ => false,
    }
}

fn readings(secret: &str) -> usize {
    SIGNS
        .iter()
        .map(|(_, signs)| signs.chars().filter(|sign| secret.contains(*sign)).count())
        .map(|count| count.max(1))
        .product()
}

/// The password with its punctuation read as letters; what is left of signs, the digits, has few readings.
fn plainer(secret: &str) -> String {
    secret
        .chars()
        .map(|c| {
            let letter = SIGNS.iter().find(|(_, signs)| signs.contains(c));
            match letter {
                Some((letter, _)) if c.is_ascii_punctuation() => *letter,
                _ => c,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_has_more_readings_than_are_tried() {
        let signs = "4@8({[<369!1|0$5+7%2";
        assert!(readings(signs) > MAX_READINGS);
        assert!(readings(&plainer(signs)) <= MAX_READINGS);
        assert_eq!(readings("12345678"), 2);
    }

    #[test]
    fn a_disguise_of_many_signs_is_seen_through() {
        let disguised = "M!5$|551pp1";
        assert!(readings(disguised) > MAX_READINGS);
        assert_eq!(plainer(disguised), "Mi5si551pp1");
        assert!(is_common(disguised));
        assert!(!is_common("4@8({[<369!1|0$5+7%2"));
    }

    #[test]
    fn what_is_longer_than_any_entry_is_not_looked_up() {
        assert!(is_common(&"m".repeat(32)));
        assert!(!is_common(&"m".repeat(33)));
    }
}
