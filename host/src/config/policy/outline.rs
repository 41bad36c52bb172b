//! How much of everything a component may hold. It is counted before the component is compiled:
//! what compiling costs grows with these, and the engine bounds most of them far higher or not
//! at all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is counted in a component's outline. The names are those of `[outline]` in a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    Modules,
    Components,
    Depth,
    Instances,
    Functions,
    FunctionBytes,
    Locals,
    Types,
    Imports,
    Exports,
    NameBytes,
    Globals,
    DataSegments,
    DataBytes,
    ElementSegments,
    TableElements,
    MemoryBytes,
}

impl Measure {
    pub const ALL: [Self; 17] = [
        Self::Modules,
        Self::Components,
        Self::Depth,
        Self::Instances,
        Self::Functions,
        Self::FunctionBytes,
        Self::Locals,
        Self::Types,
        Self::Imports,
        Self::Exports,
        Self::NameBytes,
        Self::Globals,
        Self::DataSegments,
        Self::DataBytes,
        Self::ElementSegments,
        Self::TableElements,
        Self::MemoryBytes,
    ];

    /// Its name in a policy and in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Modules => "modules",
            Self::Components => "components",
            Self::Depth => "depth",
            Self::Instances => "instances",
            Self::Functions => "functions",
            Self::FunctionBytes => "function_bytes",
            Self::Locals => "locals",
            Self::Types => "types",
            Self::Imports => "imports",
            Self::Exports => "exports",
            Self::NameBytes => "name_bytes",
            Self::Globals => "globals",
            Self::DataSegments => "data_segments",
            Self::DataBytes => "data_bytes",
            Self::ElementSegments => "element_segments",
            Self::TableElements => "table_elements",
            Self::MemoryBytes => "memory_bytes",
        }
    }

    /// What the number means, after "it has N …".
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Modules => "core modules",
            Self::Components => "components inside it",
            Self::Depth => "levels of components inside one another",
            Self::Instances => "instances of modules and components",
            Self::Functions => "functions, lifted and lowered ones included",
            Self::FunctionBytes => "bytes in one function",
            Self::Locals => "local variables in one function",
            Self::Types => "types and declarations in types",
            Self::Imports => "imports, those of its modules included",
            Self::Exports => "exports, those of its modules included",
            Self::NameBytes => "bytes in one name of an import or export",
            Self::Globals => "globals",
            Self::DataSegments => "data segments",
            Self::DataBytes => "bytes in data segments",
            Self::ElementSegments => "element segments",
            Self::TableElements => "table elements from the start",
            Self::MemoryBytes => "bytes of memory from the start",
        }
    }

    /// What is taken without a policy. A component of componentize-py, a whole Python with its
    /// libraries, has less than a quarter of each. Compiling as many of any takes seconds and about 1 GiB.
    #[must_use]
    pub const fn most(self) -> u64 {
        match self {
            Self::Modules | Self::Components | Self::Instances => 500,
            Self::Depth => 16,
            Self::Functions | Self::Globals | Self::Imports | Self::Exports => 100_000,
            Self::FunctionBytes => 2 << 20,
            Self::Types | Self::Locals => 20_000,
            Self::NameBytes => 4 << 10,
            Self::DataSegments | Self::ElementSegments => 50_000,
            Self::DataBytes => 64 << 20,
            Self::TableElements => 1_000_000,
            // Above what an asset may allow: its parser_memory_limit tells more about it.
            Self::MemoryBytes => 64 << 30,
        }
    }
}

/// A limit for each [`Measure`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutlineLimits {
    /// Those below [`Measure::most`].
    tightened: BTreeMap<Measure, u64>,
}

impl OutlineLimits {
    pub(super) fn tighten(&mut self, measure: Measure, limit: u64) {
        self.tightened.insert(measure, limit.min(measure.most()));
    }

    #[must_use]
    pub fn most(&self, measure: Measure) -> u64 {
        let tightened = self.tightened.get(&measure);
        tightened.copied().unwrap_or(measure.most())
    }

    /// Whether a policy set it.
    #[must_use]
    pub fn is_tightened(&self, measure: Measure) -> bool {
        self.tightened.contains_key(&measure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_read_by_the_name_it_is_told_by() {
        for measure in Measure::ALL {
            let name = serde_json::to_value(measure).unwrap();
            assert_eq!(name, measure.name());
            assert_eq!(serde_json::from_value::<Measure>(name).unwrap(), measure);
        }
    }

    #[test]
    fn limits_are_only_tightened() {
        let mut limits = OutlineLimits::default();
        assert_eq!(limits.most(Measure::Depth), Measure::Depth.most());
        limits.tighten(Measure::Depth, 2);
        assert_eq!(limits.most(Measure::Depth), 2);
        limits.tighten(Measure::Modules, u64::MAX);
        assert_eq!(limits.most(Measure::Modules), Measure::Modules.most());
        assert!(limits.is_tightened(Measure::Depth) && !limits.is_tightened(Measure::Types));
    }
}
