//! The contract as its descriptors tell it, so that no test forgets an RPC or a field that is new.

use accountd::proto;
use prost::Message as _;
use prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorSet, field_descriptor_proto::Type,
};

/// One RPC.
#[derive(Clone, Debug)]
pub struct Method {
    /// Its name: `Register`.
    pub name: String,
    /// The full name of its request: `.accountd.v1.RegisterRequest`.
    input: String,
}

/// A text somewhere in a request.
#[derive(Clone, Debug)]
pub struct TextField {
    /// Its path from the request down: `update_mask.paths`.
    pub path: String,
    numbers: Vec<i32>,
}

/// All RPCs of accounts themselves.
pub fn methods() -> Vec<Method> {
    methods_of("AccountService")
}

/// All RPCs of a service of the package.
pub fn methods_of(service: &str) -> Vec<Method> {
    let files = files();
    let own = files
        .file
        .iter()
        .filter(|file| file.package() == "accountd.v1");
    own.flat_map(|file| &file.service)
        .filter(|found| found.name() == service)
        .flat_map(|service| &service.method)
        .map(|method| Method {
            name: method.name().to_owned(),
            input: method.input_type().to_owned(),
        })
        .collect()
}

/// The names of all values of `ErrorReason`, without their prefix.
pub fn reasons() -> Vec<String> {
    let files = files();
    let enums = files.file.iter().flat_map(|file| &file.enum_type);
    enums
        .filter(|found| found.name() == "ErrorReason")
        .flat_map(|found| &found.value)
        .map(|value| value.name().trim_start_matches("ERROR_REASON_").to_owned())
        .collect()
}

fn files() -> FileDescriptorSet {
    FileDescriptorSet::decode(proto::DESCRIPTORS).unwrap()
}

impl Method {
    /// Every text of its request, those inside other messages too.
    pub fn texts(&self) -> Vec<TextField> {
        let files = files();
        let mut found = Vec::new();
        walk(
            &files,
            &self.input,
            &mut Vec::new(),
            &mut Vec::new(),
            &mut found,
        );
        found
    }
}

impl TextField {
    /// The field of the request itself that the text is in or is.
    pub fn top(&self) -> &str {
        self.path.split('.').next().unwrap()
    }

    /// The bytes that, put behind an encoded request, set the text.
    pub fn encode(&self, text: &str) -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        for number in self.numbers.iter().rev() {
            let mut outer = Vec::with_capacity(bytes.len() + 8);
            // Wire type 2: the length, then as many bytes.
            varint((u64::from(number.unsigned_abs()) << 3) | 2, &mut outer);
            varint(bytes.len() as u64, &mut outer);
            outer.extend(bytes);
            bytes = outer;
        }
        bytes
    }
}

/// A number as protobuf writes it.
pub fn varint(mut number: u64, bytes: &mut Vec<u8>) {
    while number > 127 {
        bytes.push(u8::try_from(number & 127).unwrap() | 128);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap());
}

fn walk(
    files: &FileDescriptorSet,
    message: &str,
    above: &mut Vec<FieldDescriptorProto>,
    seen: &mut Vec<String>,
    found: &mut Vec<TextField>,
) {
    // A message may hold itself, as `google.protobuf.Value` does.
    if seen.iter().any(|name| name == message) {
        return;
    }
    seen.push(message.to_owned());
    for field in &find(files, message).field {
        above.push(field.clone());
        match field.r#type() {
            Type::String => found.push(TextField {
                path: above
                    .iter()
                    .map(FieldDescriptorProto::name)
                    .collect::<Vec<_>>()
                    .join("."),
                numbers: above.iter().map(FieldDescriptorProto::number).collect(),
            }),
            Type::Message => walk(files, field.type_name(), above, seen, found),
            _ => {}
        }
        above.pop();
    }
    seen.pop();
}

fn find<'a>(files: &'a FileDescriptorSet, name: &str) -> &'a DescriptorProto {
    fn within<'a>(
        messages: &'a [DescriptorProto],
        prefix: &str,
        name: &str,
    ) -> Option<&'a DescriptorProto> {
        messages.iter().find_map(|message| {
            let full = format!("{prefix}.{}", message.name());
            if full == name {
                return Some(message);
            }
            within(&message.nested_type, &full, name)
        })
    }
    let found = files
        .file
        .iter()
        .find_map(|file| within(&file.message_type, &format!(".{}", file.package()), name));
    found.unwrap_or_else(|| panic!("no descriptor of {name}"))
}
