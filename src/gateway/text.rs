//! Values that the documents write in several ways.

use serde::{Deserialize, Deserializer, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};

/// A code of digits, written as text or as a number.
///
/// A number has lost its leading zeros; [`Digits::padded`] puts them back.
#[derive(Clone, Debug, Default)]
pub(super) struct Digits {
    text: String,
    was_number: bool,
}

impl Digits {
    /// The code with as many digits as codes have here.
    pub(super) fn padded(&self, length: usize) -> String {
        if self.was_number {
            format!("{:0>length$}", self.text)
        } else {
            self.text.clone()
        }
    }
}

impl PartialSchema for Digits {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Integer]))
            .pattern(Some("^[0-9]{1,10}$"))
            .minimum(Some(0))
            .examples(["123456"])
            .into()
    }
}

impl ToSchema for Digits {}

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Digits;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a code, as text or as a number")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Digits, E> {
                Ok(Digits {
                    text: text.to_owned(),
                    was_number: false,
                })
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Digits, E> {
                Ok(Digits {
                    text: number.to_string(),
                    was_number: true,
                })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
