//! The checks that every text shares.

use super::Violation;

/// Refuses an empty text, and one of more than `max_bytes` bytes without reading it.
pub(super) fn sized(text: &str, max_bytes: usize) -> Result<(), Violation> {
    if text.is_empty() {
        return Err(Violation::new("REQUIRED", "must not be empty"));
    }
    if text.len() > max_bytes {
        let text = format!("must have at most {max_bytes} bytes");
        return Err(Violation::too_long(text));
    }
    Ok(())
}

/// Refuses a text of fewer than `min` or more than `max` code points.
pub(super) fn counted(text: &str, min: u32, max: u32) -> Result<(), Violation> {
    let count = text.chars().count();
    if count < min as usize {
        let text = format!("must have at least {min} characters");
        return Err(Violation::too_short(text));
    }
    if count > max as usize {
        let text = format!("must have at most {max} characters");
        return Err(Violation::too_long(text));
    }
    Ok(())
}

/// Refuses control characters: they break lines, headers and logs.
pub(super) fn controlled(text: &str) -> Result<(), Violation> {
    if text.chars().any(is_control) {
        return Err(Violation::forbidden("must not contain control characters"));
    }
    Ok(())
}

/// Refuses control characters and those that cannot be seen, by which one text passes for another.
pub(super) fn visible(text: &str) -> Result<(), Violation> {
    controlled(text)?;
    if text.chars().any(is_hidden) {
        return Err(Violation::forbidden(
            "must not contain invisible characters",
        ));
    }
    Ok(())
}

/// Line and paragraph separators count, since they end a line wherever Unicode is understood.
pub(super) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Zero width, soft hyphen, direction marks and overrides, tags. The two joiners are not among them: Persian and the
/// scripts of India cannot be written without.
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}
