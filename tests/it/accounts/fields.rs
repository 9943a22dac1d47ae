//! What each field takes and refuses.

mod attributes;
mod birth_date;
mod code;
mod email;
mod full_name;
mod id;
mod password;
mod phone;
mod username;

use accountd::{accounts::fields::Violation, backend::Timestamp};

/// 2024-09-25T00:00:00Z.
const TODAY: Timestamp = Timestamp::from_millis(1_727_222_400_000);

/// What is wrong with a text that must be refused; a short text of it must not be in the sentence.
#[track_caller]
fn reason<T: std::fmt::Debug>(result: Result<T, Violation>) -> &'static str {
    let violation = result.expect_err("must be refused");
    let first = violation.text.chars().next().expect("a sentence");
    assert!(first.is_lowercase(), "{}", violation.text);
    violation.reason
}

fn huge(text: &str) -> String {
    text.repeat(4 * 1024 * 1024 / text.len())
}
