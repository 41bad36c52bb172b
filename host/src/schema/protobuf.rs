//! Protobuf, from .proto text as the registry has it.

use std::collections::HashMap;

use prost_reflect::{
    DescriptorPool, DynamicMessage, FileDescriptor, MessageDescriptor, SerializeOptions,
};
use protox::{
    Compiler,
    file::{ChainFileResolver, File, FileResolver, GoogleFileResolver},
};

use super::MAX_JSON;

/// How the file itself is called; a name that no import has.
const MAIN: &str = "kafka-soar-main.proto";

/// A compiled .proto file.
pub(super) struct Protobuf {
    pool: DescriptorPool,
}

/// The files that the registry gave.
struct Files(HashMap<String, String>);

impl FileResolver for Files {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        match self.0.get(name) {
            Some(source) => File::from_source(name, source),
            None => Err(protox::Error::file_not_found(name)),
        }
    }
}

impl Protobuf {
    /// Compiles `source`, which may import `references` (path and text) and Google's own types.
    pub(super) fn new(source: &str, references: Vec<(String, String)>) -> Result<Self, String> {
        let mut files: HashMap<String, String> = references.into_iter().collect();
        files.insert(MAIN.to_owned(), source.to_owned());
        let mut resolver = ChainFileResolver::new();
        resolver.add(Files(files));
        resolver.add(GoogleFileResolver::new());
        let mut compiler = Compiler::with_file_resolver(resolver);
        compiler.include_imports(true);
        compiler
            .open_file(MAIN)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            pool: compiler.descriptor_pool(),
        })
    }

    /// The canonical JSON of Protobuf, with the fields' names as in the .proto file, and without
    /// fields that are not set. <https://protobuf.dev/programming-guides/json/>
    pub(super) fn decode(&self, payload: &[u8]) -> Result<String, String> {
        let mut rest = payload;
        let file = self
            .pool
            .get_file_by_name(MAIN)
            .ok_or("its file is missing")?;
        let descriptor = message(&file, &path(&mut rest)?)?;
        // Depth is bounded by prost's own limit (100).
        let decoded =
            DynamicMessage::decode(descriptor, rest).map_err(|error| error.to_string())?;
        let mut json = Vec::with_capacity(payload.len() * 4);
        let options = SerializeOptions::new().use_proto_field_name(true);
        let mut serializer = serde_json::Serializer::new(&mut json);
        decoded
            .serialize_with_options(&mut serializer, &options)
            .map_err(|error| error.to_string())?;
        if json.len() > MAX_JSON {
            return Err(format!("it takes more than {} MiB as JSON", MAX_JSON >> 20));
        }
        String::from_utf8(json).map_err(|error| error.to_string())
    }
}

/// The path to the message's type: a count and so many indexes, as zigzag varints. A count of
/// zero stands for the first type, which is what nearly all have.
fn path(rest: &mut &[u8]) -> Result<Vec<usize>, String> {
    const MAX: usize = 32;
    let count = index(rest)?;
    match count {
        0 => Ok(vec![0]),
        count if count <= MAX => (0..count).map(|_| index(rest)).collect(),
        _ => Err("the path to its type is too long".to_owned()),
    }
}

fn index(rest: &mut &[u8]) -> Result<usize, String> {
    let number =
        super::avro::varint(rest).map_err(|_| "the path to its type is cut off".to_owned())?;
    usize::try_from(number).map_err(|_| "the path to its type is damaged".to_owned())
}

fn message(file: &FileDescriptor, path: &[usize]) -> Result<MessageDescriptor, String> {
    let missing = || format!("it has no type at {path:?}");
    let (first, nested) = path.split_first().ok_or_else(missing)?;
    let mut found = file.messages().nth(*first).ok_or_else(missing)?;
    for index in nested {
        let inner = found.child_messages().nth(*index).ok_or_else(missing)?;
        found = inner;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "syntax = \"proto3\"; import \"more.proto\"; message A { message B { \
                          repeated A a = 1; } string s = 1; B b = 2; more.C c = 3; map<string, \
                          double> m = 4; }";
    const MORE: &str = "syntax = \"proto3\"; package more; message C { int32 n = 1; }";

    fn schema() -> Protobuf {
        Protobuf::new(SOURCE, vec![("more.proto".to_owned(), MORE.to_owned())]).unwrap()
    }

    #[test]
    fn the_path_leads_to_a_nested_type() {
        // A: "s": "x". Then the same in a B, whose path is [0, 0].
        assert_eq!(
            schema().decode(&[0, 0x0a, 1, b'x']).unwrap(),
            r#"{"s":"x"}"#
        );
        let nested = [4, 0, 0, 0x0a, 3, 0x0a, 1, b'x'];
        assert_eq!(schema().decode(&nested).unwrap(), r#"{"a":[{"s":"x"}]}"#);
        for (payload, reason) in [
            (&[2, 2][..], "it has no type at [1]"),
            (&[4, 0, 6], "it has no type at [0, 3]"),
            (&[], "the path to its type is cut off"),
            (&[1], "the path to its type is damaged"),
            (&[0x80, 1], "the path to its type is too long"),
        ] {
            assert_eq!(schema().decode(payload).unwrap_err(), reason, "{payload:?}");
        }
    }

    #[test]
    fn what_does_not_compile_is_told_with_its_place() {
        let reason = |source: &str| Protobuf::new(source, vec![]).err().unwrap();
        assert!(
            reason("message {").contains("expected"),
            "{}",
            reason("message {")
        );
        assert!(reason(SOURCE).contains("more.proto"), "{}", reason(SOURCE));
    }

    #[test]
    fn whatever_arrives_is_an_answer_and_no_panic() {
        let schema = schema();
        let valid = [
            0, 0x0a, 1, b'x', 0x12, 5, 0x0a, 3, 0x0a, 1, b'y', 0x1a, 2, 8, 5, 0x22, 12, 0x0a, 1,
            b'k', 0x11, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f,
        ];
        schema.decode(&valid).unwrap();
        let (mut good, mut bad) = (0, 0);
        for payload in crate::schema::mutations(&valid, 20_000) {
            match schema.decode(&payload) {
                Ok(json) => {
                    good += 1;
                    serde_json::from_str::<serde_json::Value>(&json).expect("JSON");
                }
                Err(_) => bad += 1,
            }
        }
        assert!(good > 100 && bad > 100, "{good} {bad}");
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| {
            let mut payload = Vec::new();
            for level in 0..depth {
                let tag = if level % 2 == 0 { 0x0a } else { 0x12 };
                let mut outer = vec![tag];
                let mut length = payload.len();
                while length >= 0x80 {
                    outer.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
                    length >>= 7;
                }
                outer.push(u8::try_from(length).unwrap());
                outer.append(&mut payload);
                payload = outer;
            }
            payload.insert(0, 0);
            payload
        };
        schema().decode(&nested(60)).unwrap();
        let reason = schema().decode(&nested(10_000)).unwrap_err();
        assert!(reason.contains("recursion limit"), "{reason}");
    }
}
