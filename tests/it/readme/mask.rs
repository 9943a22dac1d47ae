//! What differs from one run to the next.

/// How much of a token stands in the README: enough to see what it is.
const SHOWN: usize = 12;

/// The text with ids, times, tokens and codes replaced by what they are, and without indentation, which depends on the
/// version of grpcurl.
pub(super) fn mask(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        replace(&words.join(" "), |word| {
            kind(word).unwrap_or(word).to_owned()
        })
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The text with tokens cut off: nobody reads them, and they are wider than a page.
pub(super) fn shorten(text: &str) -> String {
    replace(text, |word| match word.get(..SHOWN) {
        Some(start) if is_token(word) => format!("{start}…"),
        _ => word.to_owned(),
    })
}

fn kind(word: &str) -> Option<&'static str> {
    if is_id(word) {
        Some("<id>")
    } else if is_time(word) {
        Some("<time>")
    } else if is_token(word) {
        Some("<token>")
    } else if word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()) {
        Some("<code>")
    } else {
        None
    }
}

fn is_id(word: &str) -> bool {
    // That of a picture has no hyphens.
    if word.len() == 32 {
        return word.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    let lengths: Vec<usize> = word.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12]
        && word
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn is_time(word: &str) -> bool {
    let shape = |byte: &u8| if byte.is_ascii_digit() { b'0' } else { *byte };
    let shape: Vec<u8> = word.bytes().take(19).map(|byte| shape(&byte)).collect();
    shape == b"0000-00-00T00:00:00" && word.ends_with('Z')
}

/// A JWT or a refresh token, whole or cut off.
fn is_token(word: &str) -> bool {
    word.starts_with("eyJ") || word.starts_with("rt_")
}

/// Replaces each word, and keeps what stands between words.
fn replace(text: &str, by: impl Fn(&str) -> String) -> String {
    let mut replaced = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        let next = tail.find(is_of_word).unwrap_or(tail.len());
        let (between, tail) = tail.split_at(next);
        replaced.push_str(&by(word));
        replaced.push_str(between);
        rest = tail;
    }
    replaced
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.:…".contains(c)
}
