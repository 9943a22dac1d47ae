//! What `error_reason.proto` says of each reason, read from its comments.

/// One value of `ErrorReason`.
#[derive(Debug)]
pub struct Reason {
    /// Its name without the prefix.
    pub name: String,
    /// What it means, on one line.
    pub meaning: String,
    /// The name of its gRPC code.
    pub code: String,
    /// What travels in the metadata, as JSON.
    pub example: String,
}

const PROTO: &str = include_str!("../../../proto/accountd/v1/error_reason.proto");

/// All reasons but the unspecified one, in the order of their numbers.
///
/// # Panics
/// When a value states no meaning, no code or no example.
pub fn all() -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut comment: Vec<&str> = Vec::new();
    for line in PROTO.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("//") {
            comment.push(text.trim());
            continue;
        }
        if let Some((name, _)) = line.split_once(" = ")
            && let Some(name) = name.strip_prefix("ERROR_REASON_")
            && name != "UNSPECIFIED"
        {
            reasons.push(read(name, &comment));
        }
        comment.clear();
    }
    reasons
}

fn read(name: &str, comment: &[&str]) -> Reason {
    let tagged = |tag: &str| {
        let found = comment.iter().find_map(|line| line.strip_prefix(tag));
        found
            .unwrap_or_else(|| panic!("{name} has no line `{tag}`"))
            .trim()
            .to_owned()
    };
    let meaning: Vec<&str> = comment
        .iter()
        .take_while(|line| !line.is_empty())
        .copied()
        .collect();
    assert!(!meaning.is_empty(), "{name} has no meaning");
    Reason {
        name: name.to_owned(),
        meaning: meaning.join(" "),
        code: tagged("Code:"),
        example: tagged("Example:"),
    }
}
