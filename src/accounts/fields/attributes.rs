//! Attributes: what a realm allows beside the fields of the contract, as JSON under its own schema.

use std::{
    fmt, io,
    sync::{Arc, LazyLock},
};

use jsonschema::{PatternOptions, ValidationError, Validator, error::ValidationErrorKind as Kind};
use serde_json::{Map, Value};

use super::{Violation, text};

/// The most bytes that the attributes of an account take as JSON.
const MAX_BYTES: usize = 16 * 1024;
/// The most levels of nesting; the object itself is the first.
const MAX_DEPTH: usize = 8;
/// The most bytes of one name, since names come back in refusals.
const MAX_NAME_BYTES: usize = 128;
/// The most violations told at once: they travel in a header of a few KiB.
const MAX_VIOLATIONS: usize = 16;
const MAX_SENTENCE_LENGTH: usize = 200;

type Compiled = Result<Validator, String>;
type Later = Box<dyn FnOnce() -> Compiled + Send>;

/// A realm's JSON Schema (draft 2020-12 unless it names another).
#[derive(Clone, Debug)]
pub struct AttributeSchema(Arc<LazyLock<Compiled, Later>>);

impl AttributeSchema {
    /// Compiles a schema. Refused, with a sentence for the operator, is what is not an object or not a schema, any
    /// reference that leaves it, and patterns with look-around or back-references, which can take exponential time.
    pub fn compile(schema: &Value) -> Result<Self, String> {
        let schema = Self::compile_later(schema.clone());
        match LazyLock::force(&schema.0) {
            Ok(_) => Ok(schema),
            Err(error) => Err(error.clone()),
        }
    }

    /// Compiles a schema that is known to be right when it is first used: that takes a megabyte with the library's own
    /// schemas, of which most processes have no use. Were it wrong, nothing would satisfy it.
    pub fn compile_later(schema: Value) -> Self {
        let compile: Later = Box::new(move || compile(&schema));
        Self(Arc::new(LazyLock::new(compile)))
    }
}

fn compile(schema: &Value) -> Compiled {
    if !schema.is_object() {
        return Err("the schema of attributes must be a JSON object".to_owned());
    }
    jsonschema::options()
        .offline()
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex())
        .build(schema)
        .map_err(|error| {
            let place = error.instance_path();
            format!("the schema of attributes is wrong at `{place}`: {error}")
        })
}

/// What is wrong at one place of the attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeViolation {
    /// The place, as a JSON pointer (RFC 6901); empty for the attributes as a whole.
    pub pointer: String,
    /// What is wrong there.
    pub violation: Violation,
}

/// Attributes that satisfy their schema: at most 16 KiB as JSON and 8 levels deep.
#[derive(Clone, PartialEq)]
pub struct Attributes(Map<String, Value>);

impl Attributes {
    /// Reads attributes under `schema`. Refused are too many bytes or levels, names of more than 128 bytes, control
    /// characters, and what the schema excludes: all violations at once, but at most 16.
    pub fn parse(
        map: Map<String, Value>,
        schema: &AttributeSchema,
    ) -> Result<Self, Vec<AttributeViolation>> {
        let value = Value::Object(map);
        if !fits(&value) {
            let violation =
                Violation::too_long(format!("must have at most {MAX_BYTES} bytes as JSON"));
            return Err(vec![AttributeViolation {
                pointer: String::new(),
                violation,
            }]);
        }
        let mut found = Vec::new();
        inspect(&value, &mut String::new(), 1, &mut found);
        if found.is_empty() {
            if let Ok(validator) = &**schema.0 {
                for error in validator.iter_errors(&value) {
                    if found.len() >= MAX_VIOLATIONS {
                        break;
                    }
                    found.extend(violations_of(&error));
                }
            } else {
                let violation = Violation::new("NOT_SUPPORTED", "have no usable schema");
                note(&mut found, "", violation);
            }
        }
        found.truncate(MAX_VIOLATIONS);
        match value {
            Value::Object(map) if found.is_empty() => Ok(Self(map)),
            _ => Err(found),
        }
    }

    /// The attributes.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attributes")
    }
}

/// Writes into nothing and stops at the limit, so that a large value is not written to its end.
struct Meter(usize);

impl io::Write for Meter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        if self.0 > MAX_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn fits(value: &Value) -> bool {
    serde_json::to_writer(Meter(0), value).is_ok()
}

/// What no schema may allow.
fn inspect(value: &Value, pointer: &mut String, depth: usize, found: &mut Vec<AttributeViolation>) {
    if depth > MAX_DEPTH && (value.is_object() || value.is_array()) {
        let text = format!("must not be nested deeper than {MAX_DEPTH} levels");
        return note(found, pointer, Violation::out_of_range(text));
    }
    match value {
        Value::String(string) => {
            if let Err(violation) = text::controlled(string) {
                note(found, pointer, violation);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                below(pointer, &index.to_string(), |pointer| {
                    inspect(item, pointer, depth + 1, found);
                });
            }
        }
        Value::Object(map) => {
            for (name, member) in map {
                match check_name(name) {
                    Ok(()) => below(pointer, name, |pointer| {
                        inspect(member, pointer, depth + 1, found);
                    }),
                    Err(violation) => note(found, pointer, violation),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn check_name(name: &str) -> Result<(), Violation> {
    if name.len() > MAX_NAME_BYTES {
        let text = format!("must have names of at most {MAX_NAME_BYTES} bytes");
        return Err(Violation::too_long(text));
    }
    text::controlled(name)
}

fn note(found: &mut Vec<AttributeViolation>, pointer: &str, violation: Violation) {
    let pointer = pointer.to_owned();
    found.push(AttributeViolation { pointer, violation });
}

/// Runs `visit` with the pointer one step further down.
fn below(pointer: &mut String, name: &str, visit: impl FnOnce(&mut String)) {
    let end = pointer.len();
    step(pointer, name);
    visit(pointer);
    pointer.truncate(end);
}

fn step(pointer: &mut String, name: &str) {
    pointer.push('/');
    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
}

/// An error of the validator as ours; each member too many or too few is told at its own place.
fn violations_of(error: &ValidationError<'_>) -> Vec<AttributeViolation> {
    let place = error.instance_path().as_str();
    let at = |name: &str, violation| {
        let mut pointer = place.to_owned();
        step(&mut pointer, name);
        AttributeViolation { pointer, violation }
    };
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![at(name, Violation::new("REQUIRED", "must be given"))]
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let unknown = || Violation::new("NOT_SUPPORTED", "is not an attribute of this realm");
            unexpected.iter().map(|name| at(name, unknown())).collect()
        }
        kind => vec![AttributeViolation {
            pointer: place.to_owned(),
            violation: Violation::new(reason_of(kind), sentence(error)),
        }],
    }
}

fn reason_of(kind: &Kind) -> &'static str {
    match kind.keyword() {
        "minLength" | "minItems" | "minProperties" => "TOO_SHORT",
        "maxLength" | "maxItems" | "maxProperties" => "TOO_LONG",
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            "OUT_OF_RANGE"
        }
        _ => "MALFORMED",
    }
}

/// The validator's own words, without the value that they begin with. Schemas can make them long.
fn sentence(error: &ValidationError<'_>) -> String {
    let text = error.masked_with("").to_string();
    let mut rest = text.trim_start().chars();
    let first = rest.next().map(|c| c.to_ascii_lowercase());
    first
        .into_iter()
        .chain(rest)
        .take(MAX_SENTENCE_LENGTH)
        .collect()
}
