//! What the store keeps.

/// A container that passed every check.
#[derive(Debug)]
pub(super) struct Container {
    pub(super) asset: Option<i64>,
    pub(super) identifier: Option<String>,
    pub(super) name: Option<String>,
    pub(super) label: Option<String>,
    /// JSON text as sent, without `artifacts`.
    pub(super) body: String,
    pub(super) artifacts: Vec<Artifact>,
}

/// An artifact that passed every check.
#[derive(Debug)]
pub(super) struct Artifact {
    pub(super) identifier: Option<String>,
    pub(super) name: Option<String>,
    pub(super) label: Option<String>,
    /// JSON text as sent, without `container_id`.
    pub(super) body: String,
}

/// What became of a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Saved {
    Container {
        id: i64,
        artifacts: Vec<i64>,
    },
    Artifact {
        id: i64,
    },
    /// There is a container with this asset and identifier. Nothing was saved.
    Duplicate {
        existing: i64,
        identifier: String,
    },
    /// The artifact's container is not there. Nothing was saved.
    NoContainer(i64),
}
