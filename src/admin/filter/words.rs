//! The words of a filter.

use super::Operator;

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Letters, digits and a few signs.
    Bare(String),
    /// Anything between double quotes, in which `\` makes the next sign one of the text.
    Quoted(String),
    /// A comparison.
    Operator(Operator),
}

/// The words of a text, or why it has none.
pub(super) fn split(text: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let word = match letter {
            _ if letter.is_whitespace() => continue,
            '"' => Word::Quoted(quoted(&mut letters)?),
            '=' => Word::Operator(Operator::Equal),
            ':' => Word::Operator(Operator::Has),
            '!' if letters.next_if_eq(&'=').is_some() => Word::Operator(Operator::Unequal),
            '<' if letters.next_if_eq(&'=').is_some() => Word::Operator(Operator::AtMost),
            '<' => Word::Operator(Operator::Less),
            '>' if letters.next_if_eq(&'=').is_some() => Word::Operator(Operator::AtLeast),
            '>' => Word::Operator(Operator::Greater),
            _ if is_bare(letter) => {
                let mut word = String::from(letter);
                while let Some(next) = letters.next_if(|next| is_bare(*next)) {
                    word.push(next);
                }
                Word::Bare(word)
            }
            other => return Err(format!("{other:?} must stand in quotes")),
        };
        words.push(word);
    }
    Ok(words)
}

fn is_bare(letter: char) -> bool {
    letter.is_alphanumeric() || "._@+-".contains(letter)
}

fn quoted(letters: &mut impl Iterator<Item = char>) -> Result<String, String> {
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return Ok(text),
            '\\' => text.extend(letters.next()),
            other => text.push(other),
        }
    }
    Err(String::from("a quote is not closed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_need_no_space_between_them() {
        let bare = |word: &str| Word::Bare(word.to_owned());
        let quoted = Word::Quoted(String::from("a \"b\" \\"));
        assert_eq!(
            split("email:a@b.example AND x>= \"a \\\"b\\\" \\\\\"").unwrap(),
            [
                bare("email"),
                Word::Operator(Operator::Has),
                bare("a@b.example"),
                bare("AND"),
                bare("x"),
                Word::Operator(Operator::AtLeast),
                quoted,
            ]
        );
    }
}
