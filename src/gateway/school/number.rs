//! Numbers, which the document writes as text.

use std::fmt;

use prost_types::{Value, value::Kind};
use serde::{Deserialize, Deserializer, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};

/// A whole number, written as text or as a number; or what stands in the place of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// A whole number.
    Whole(i32),
    /// Something else. The contract says why it cannot be taken.
    Other(String),
}

impl Number {
    /// The whole number, if it is one.
    pub(super) const fn whole(&self) -> Option<i32> {
        match self {
            Self::Whole(number) => Some(*number),
            Self::Other(_) => None,
        }
    }

    /// Whether a form sent the field and nobody filled it in.
    pub(super) const fn is_blank(&self) -> bool {
        matches!(self, Self::Other(text) if text.is_empty())
    }

    /// As a value of the contract.
    pub(super) fn value(self) -> Value {
        let kind = match self {
            Self::Whole(number) => Kind::NumberValue(number.into()),
            Self::Other(text) => Kind::StringValue(text),
        };
        Value { kind: Some(kind) }
    }

    fn read(text: &str) -> Self {
        let text = text.trim();
        text.parse()
            .map_or_else(|_| Self::Other(text.to_owned()), Self::Whole)
    }
}

impl PartialSchema for Number {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Integer]))
            .pattern(Some("^[0-9]{1,2}$"))
            .minimum(Some(1))
            .maximum(Some(40))
            .examples(["12"])
            .into()
    }
}

impl ToSchema for Number {}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, as text or as a number")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
                Ok(Number::read(text))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Number, E> {
                Ok(Number::read(&number.to_string()))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Number, E> {
                Ok(Number::read(&number.to_string()))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Number, E> {
                Ok(Number::read(&number.to_string()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
