//! The filter of accounts: comparisons joined by AND, a part of AIP-160 (<https://google.aip.dev/160>).

mod compare;
mod words;

use sea_orm::Condition;

use crate::error::{Error, Result};
use words::Word;

/// Bytes of a filter, at the most.
const MOST: usize = 1024;
/// Comparisons in a filter, at the most.
const COMPARISONS: usize = 16;

/// An operator between a field and a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    /// The field has the value in it.
    Has,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// What the filter asks of a row; none for an empty filter.
///
/// Refusals: `INVALID_FIELD`.
pub fn parse(filter: &str) -> Result<Option<Condition>> {
    if filter.len() > MOST {
        let text = format!("has more than {MOST} bytes");
        return Err(Error::field("filter", "TOO_LONG", text));
    }
    if filter.contains(char::is_control) {
        let text = "has a control character";
        return Err(Error::field("filter", "FORBIDDEN_CHARACTER", text));
    }
    let malformed = |text: String| Error::field("filter", "MALFORMED", text);
    let words = words::split(filter).map_err(malformed)?;
    if words.is_empty() {
        return Ok(None);
    }
    let mut all = Condition::all();
    let mut rest = words.as_slice();
    for number in 0.. {
        if number == COMPARISONS {
            let text = format!("has more than {COMPARISONS} comparisons");
            return Err(Error::field("filter", "TOO_LONG", text));
        }
        let [
            Word::Bare(field),
            Word::Operator(operator),
            value,
            further @ ..,
        ] = rest
        else {
            return Err(malformed(String::from(
                "must be comparisons such as state = ACTIVE, joined by AND",
            )));
        };
        let value = match value {
            Word::Bare(value) | Word::Quoted(value) => value,
            Word::Operator(_) => {
                return Err(malformed(format!("{field} is compared with no value")));
            }
        };
        let compared = compare::condition(field, *operator, value);
        all = all.add(compared.map_err(|text| Error::field("filter", "NOT_SUPPORTED", text))?);
        match further {
            [] => break,
            [Word::Bare(and), next @ ..] if and == "AND" => rest = next,
            _ => {
                return Err(malformed(format!(
                    "the comparison of {field} must be followed by AND"
                )));
            }
        }
    }
    Ok(Some(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(filter: &str) -> String {
        match parse(filter) {
            Err(Error::InvalidField(faults)) => faults[0].text.clone(),
            other => panic!("{filter}: {other:?}"),
        }
    }

    #[test]
    fn what_is_no_filter_is_refused_with_its_cause() {
        assert!(refused("state").contains("must be comparisons"));
        assert!(refused("state =").contains("must be comparisons"));
        assert!(refused("state = ACTIVE role = x").contains("followed by AND"));
        assert!(refused("state = ACTIVE AND").contains("must be comparisons"));
        assert!(refused("state = = x").contains("no value"));
        assert!(refused("nose = big").contains("no field"));
        assert!(refused("state = ASLEEP").contains("PENDING"));
        assert!(refused("state < ACTIVE").contains("takes"));
        assert!(refused("email_verified = maybe").contains("true"));
        assert!(refused("create_time > yesterday").contains("RFC 3339"));
        assert!(refused("username = \"open").contains("quote"));
        assert!(refused("username = x;").contains(';'));
        assert!(refused("username = \"\0\"").contains("control"));
        assert!(refused(&"x".repeat(MOST + 1)).contains("bytes"));
        let many = vec!["role = x"; COMPARISONS + 1].join(" AND ");
        assert!(refused(&many).contains("comparisons"));
    }

    #[test]
    fn nothing_is_asked_by_an_empty_filter() {
        assert_eq!(parse("  ").unwrap(), None);
    }
}
