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
