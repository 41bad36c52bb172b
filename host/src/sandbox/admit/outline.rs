//! What a component holds, counted in one pass over the file that neither validates nor compiles
//! any of it. Takes as long as reading it, whatever is in it, and stops where a limit is passed.

use wasmparser::{
    BinaryReaderError, ComponentType, ComponentTypeDeclaration, Encoding, FunctionBody,
    InstanceTypeDeclaration, MemoryType, Parser as Reader, Payload, SectionLimited,
};

use super::{
    Refusal,
    producers::{Found, Producers},
};
use crate::config::{Measure, OutlineLimits};

/// Custom sections that tell what made a module. Others are passed over unread.
const PRODUCERS: [&str; 2] = ["producers", "dylink.0"];

/// What was found, up to where the pass ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Outline {
    /// Names that the outermost component imports, in the file's order.
    pub(super) imports: Vec<String>,
    pub(super) exports: Vec<String>,
    pub(super) producers: Producers,
    counts: [u64; Measure::ALL.len()],
}

impl Outline {
    pub(super) fn count(&self, measure: Measure) -> u64 {
        self.counts[measure as usize]
    }
}

/// Counts. The second part is why the pass ended before the file did.
pub(super) fn read(
    bytes: &[u8],
    limits: &OutlineLimits,
    policy: Option<&str>,
) -> (Outline, Result<(), Refusal>) {
    let mut pass = Pass {
        limits,
        policy,
        outline: Outline::default(),
        inside: Vec::new(),
        producers: Found::default(),
    };
    let end = pass.run(bytes);
    pass.outline.producers = pass.producers.end();
    (pass.outline, end)
}

struct Pass<'a> {
    limits: &'a OutlineLimits,
    policy: Option<&'a str>,
    outline: Outline,
    /// The modules and components that the pass is inside of, the outermost first.
    inside: Vec<Encoding>,
    producers: Found,
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn invalid(e: BinaryReaderError) -> Refusal {
    Refusal::Invalid(e.to_string())
}

/// Types of instances and components inside one another that a section may have.
const MAX_NESTING: usize = 500;

/// Whoever reads a type goes down as deep as types are nested in it, and wasmparser has no bound on
/// that. Each level begins with a declaration of a type (1) that is one of a component or an
/// instance (0x41, 0x42): there are no more levels than there are such pairs of bytes.
fn nesting(types: &[u8]) -> Result<(), Refusal> {
    let pairs = types
        .windows(2)
        .filter(|pair| matches!(pair, [1, 0x41 | 0x42]));
    if pairs.count() > MAX_NESTING {
        return Err(Refusal::Invalid(format!(
            "its types may be nested more than {MAX_NESTING} deep"
        )));
    }
    Ok(())
}

impl Pass<'_> {
    fn run(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        for payload in Reader::new(0).parse_all(bytes) {
            let payload = payload.map_err(invalid)?;
            if let Payload::ComponentTypeSection(section) = &payload {
                nesting(bytes.get(section.range()).unwrap_or_default())?;
            }
            self.payload(payload)?;
        }
        Ok(())
    }

    fn payload(&mut self, payload: Payload<'_>) -> Result<(), Refusal> {
        match payload {
            Payload::Version { encoding, .. } => self.begin(encoding)?,
            Payload::End(_) => {
                if self.inside.pop() == Some(Encoding::Module) {
                    self.producers.module_ends();
                }
            }
            Payload::CustomSection(section) if PRODUCERS.contains(&section.name()) => {
                self.producers.section(&section);
            }
            Payload::CodeSectionStart { count, .. } => {
                self.add(Measure::Functions, u64::from(count))?;
            }
            Payload::CodeSectionEntry(body) => self.function(&body)?,
            Payload::DataSection(section) => {
                self.add_all(Measure::DataSegments, &section)?;
                for segment in section {
                    let bytes = segment.map_err(invalid)?.data.len();
                    self.add(Measure::DataBytes, bytes as u64)?;
                }
            }
            Payload::ElementSection(section) => self.add_all(Measure::ElementSegments, &section)?,
            Payload::GlobalSection(section) => self.add_all(Measure::Globals, &section)?,
            Payload::TableSection(section) => {
                for table in section {
                    let elements = table.map_err(invalid)?.ty.initial;
                    self.add(Measure::TableElements, elements)?;
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    let bytes = bytes(memory.map_err(invalid)?);
                    self.add(Measure::MemoryBytes, bytes)?;
                }
            }
            Payload::InstanceSection(section) => self.add_all(Measure::Instances, &section)?,
            Payload::ComponentInstanceSection(section) => {
                self.add_all(Measure::Instances, &section)?;
            }
            // Each of them is compiled to a function that translates arguments.
            Payload::ComponentCanonicalSection(section) => {
                self.add_all(Measure::Functions, &section)?;
            }
            payload => self.types_and_names(payload)?,
        }
        Ok(())
    }

    fn types_and_names(&mut self, payload: Payload<'_>) -> Result<(), Refusal> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    let types = group.map_err(invalid)?.types().len();
                    self.add(Measure::Types, types as u64)?;
                }
            }
            Payload::CoreTypeSection(section) => self.add_all(Measure::Types, &section)?,
            Payload::ComponentTypeSection(section) => {
                for ty in section {
                    self.add(Measure::Types, types(&ty.map_err(invalid)?))?;
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.map_err(invalid)?;
                    self.add(Measure::Imports, 1)?;
                    self.name(import.module)?;
                    self.name(import.name)?;
                }
            }
            Payload::ExportSection(section) => {
                self.add_all(Measure::Exports, &section)?;
                for export in section {
                    self.name(export.map_err(invalid)?.name)?;
                }
            }
            Payload::ComponentImportSection(section) => {
                self.add_all(Measure::Imports, &section)?;
                for import in section {
                    let name = import.map_err(invalid)?.name.name;
                    self.name(name)?;
                    if self.inside.len() == 1 {
                        self.outline.imports.push(name.to_owned());
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                self.add_all(Measure::Exports, &section)?;
                for export in section {
                    let name = export.map_err(invalid)?.name.name;
                    self.name(name)?;
                    if self.inside.len() == 1 {
                        self.outline.exports.push(name.to_owned());
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, encoding: Encoding) -> Result<(), Refusal> {
        if encoding == Encoding::Module && self.inside.is_empty() {
            return Err(Refusal::CoreModule);
        }
        let outermost = self.inside.is_empty();
        self.inside.push(encoding);
        match encoding {
            Encoding::Module => self.add(Measure::Modules, 1),
            Encoding::Component => {
                // Only components can hold another, so all but the last are components.
                self.most(Measure::Depth, self.inside.len() as u64)?;
                self.add(Measure::Components, u64::from(!outermost))
            }
        }
    }

    fn function(&mut self, body: &FunctionBody<'_>) -> Result<(), Refusal> {
        let bytes = body.range().len() as u64;
        self.producers.code(bytes);
        self.most(Measure::FunctionBytes, bytes)?;
        let mut locals = 0;
        for declared in body.get_locals_reader().map_err(invalid)? {
            locals += u64::from(declared.map_err(invalid)?.0);
        }
        self.most(Measure::Locals, locals)
    }

    fn name(&mut self, name: &str) -> Result<(), Refusal> {
        self.most(Measure::NameBytes, name.len() as u64)
    }

    fn add_all<T>(
        &mut self,
        measure: Measure,
        section: &SectionLimited<'_, T>,
    ) -> Result<(), Refusal> {
        self.add(measure, u64::from(section.count()))
    }

    fn add(&mut self, measure: Measure, more: u64) -> Result<(), Refusal> {
        let total = self.outline.count(measure).saturating_add(more);
        self.most(measure, total)
    }

    /// Notes that there are `found` of something at a time.
    fn most(&mut self, measure: Measure, found: u64) -> Result<(), Refusal> {
        let count = &mut self.outline.counts[measure as usize];
        *count = found.max(*count);
        let most = self.limits.most(measure);
        if found <= most {
            return Ok(());
        }
        let policy = self.policy.filter(|_| self.limits.is_tightened(measure));
        Err(Refusal::Outline {
            measure,
            found,
            most,
            policy: policy.map(ToOwned::to_owned),
        })
    }
}

fn bytes(memory: MemoryType) -> u64 {
    let page = 1u64.checked_shl(memory.page_size_log2.unwrap_or(16));
    memory.initial.saturating_mul(page.unwrap_or(u64::MAX))
}

/// A type, and those that are declared inside it. wasmparser bounds how deep they nest.
fn types(ty: &ComponentType<'_>) -> u64 {
    let inside: u64 = match ty {
        ComponentType::Component(declared) => declared
            .iter()
            .map(|declared| match declared {
                ComponentTypeDeclaration::Type(ty) => types(ty),
                _ => 1,
            })
            .sum(),
        ComponentType::Instance(declared) => declared
            .iter()
            .map(|declared| match declared {
                InstanceTypeDeclaration::Type(ty) => types(ty),
                _ => 1,
            })
            .sum(),
        _ => 0,
    };
    1 + inside
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A component with types of instances inside one another.
    fn nested(levels: usize) -> Vec<u8> {
        let mut body = vec![1];
        for _ in 1..levels {
            body.extend([0x42, 1, 1]);
        }
        body.extend([0x42, 0]);
        let mut bytes = b"\0asm\x0d\0\x01\0\x07".to_vec();
        let mut length = body.len();
        while length >= 0x80 {
            bytes.push(0x80 | u8::try_from(length & 0x7f).unwrap());
            length >>= 7;
        }
        bytes.push(u8::try_from(length).unwrap());
        bytes.extend(body);
        bytes
    }

    #[test]
    fn types_nested_without_end_are_refused_before_they_are_read() {
        let end = |levels| read(&nested(levels), &OutlineLimits::default(), None).1;
        assert_eq!(end(400), Ok(()));
        for levels in [600, 1_000_000] {
            let refusal = end(levels).unwrap_err().to_string();
            assert!(refusal.contains("nested more than 500 deep"), "{refusal}");
        }
    }
}
