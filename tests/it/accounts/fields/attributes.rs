use accountd::accounts::fields::{AttributeSchema, Attributes};
use serde_json::{Map, Value, json};

fn schema() -> AttributeSchema {
    AttributeSchema::compile(&json!({
        "type": "object",
        "properties": {
            "kelas": { "type": "integer", "minimum": 1, "maximum": 3 },
            "jurusan": { "enum": ["TKJ", "KUL"] },
            "note": { "type": "string", "maxLength": 5, "pattern": "^[a-z]*$" },
            "a/b~c": { "type": "string" },
            "free": {},
        },
        "required": ["kelas"],
        "additionalProperties": false,
    }))
    .unwrap()
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is not an object"),
    }
}

/// Pointers and reasons of what is refused, in order of the pointers.
fn refusals(value: Value) -> Vec<(String, &'static str)> {
    let mut found: Vec<_> = Attributes::parse(map(value), &schema())
        .unwrap_err()
        .into_iter()
        .map(|found| {
            let text = found.violation.text;
            assert!(text.starts_with(|c: char| c.is_ascii_lowercase()), "{text}");
            assert!(!text.contains("secret"), "{text}");
            (found.pointer, found.violation.reason)
        })
        .collect();
    found.sort();
    found
}

fn at(pointer: &str, reason: &'static str) -> (String, &'static str) {
    (pointer.to_owned(), reason)
}

#[test]
fn what_the_schema_allows_is_kept() {
    let given = map(json!({ "kelas": 2, "jurusan": "KUL", "free": "' OR 1=1--" }));
    let attributes = Attributes::parse(given.clone(), &schema()).unwrap();
    assert_eq!(attributes.as_map(), &given);
}

#[test]
fn all_violations_are_told_with_their_places() {
    assert_eq!(
        refusals(json!({ "kelas": 4, "jurusan": "secret", "note": "secret", "x/y": 1 })),
        [
            at("/jurusan", "MALFORMED"),
            at("/kelas", "OUT_OF_RANGE"),
            at("/note", "TOO_LONG"),
            at("/x~1y", "NOT_SUPPORTED"),
        ]
    );
    assert_eq!(refusals(json!({})), [at("/kelas", "REQUIRED")]);
    assert_eq!(
        refusals(json!({ "kelas": 1, "a/b~c": 1 })),
        [at("/a~1b~0c", "MALFORMED")]
    );
}

#[test]
fn violations_are_bounded_in_number() {
    let many: Map<String, Value> = (0..200).map(|n| (format!("x{n}"), json!(1))).collect();
    let found = Attributes::parse(many, &schema()).unwrap_err();
    assert_eq!(found.len(), 16);
}

#[test]
fn size_depth_and_names_are_bounded() {
    let with = |free: Value| json!({ "kelas": 1, "free": free });
    let empty = with(json!("")).to_string().len();
    let full = "x".repeat(16 * 1024 - empty);
    assert!(Attributes::parse(map(with(json!(full))), &schema()).is_ok());
    assert_eq!(refusals(with(json!(full + "x"))), [at("", "TOO_LONG")]);
    let huge = "x".repeat(4 * 1024 * 1024);
    assert_eq!(refusals(with(json!(huge))), [at("", "TOO_LONG")]);

    let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    assert!(Attributes::parse(map(with(nested(7))), &schema()).is_ok());
    let deepest = format!("/free{}", "/0".repeat(7));
    assert_eq!(refusals(with(nested(8))), [at(&deepest, "OUT_OF_RANGE")]);

    let name = |length: usize| with(json!({ "x".repeat(length): 1 }));
    assert!(Attributes::parse(map(name(128)), &schema()).is_ok());
    assert_eq!(refusals(name(129)), [at("/free", "TOO_LONG")]);
}

#[test]
fn control_characters_are_refused_in_texts_and_names() {
    assert_eq!(
        refusals(json!({ "kelas": 1, "free": ["a", "b\0"] })),
        [at("/free/1", "FORBIDDEN_CHARACTER")]
    );
    assert_eq!(
        refusals(json!({ "kelas": 1, "free": { "a\n": 1 } })),
        [at("/free", "FORBIDDEN_CHARACTER")]
    );
}

#[test]
fn schemas_that_cannot_be_trusted_are_refused() {
    for schema in [
        json!(true),
        json!({ "type": "nothing" }),
        json!({ "$ref": "https://example.com/schema.json" }),
        json!({ "$ref": "file:///etc/passwd" }),
        json!({ "properties": { "a": { "pattern": "(?=a)b" } } }),
        json!({ "properties": { "a": { "pattern": "(" } } }),
    ] {
        let refusal = AttributeSchema::compile(&schema).unwrap_err();
        assert!(refusal.starts_with("the schema of attributes"), "{refusal}");
    }
}
