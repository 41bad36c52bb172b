//! The fields that SOAR knows, and what each takes.

/// What a field takes. Null is nothing that any of them takes: leave a field out instead.
pub(super) enum Kind {
    Text,
    /// Text that is more than blanks.
    Filled,
    Flag,
    Id,
    /// Users, roles and tenants are named either way.
    IdOrName,
    /// ISO 8601, with or without an offset.
    Time,
    Object,
    Texts,
    Ids,
    /// Artifacts; each is checked by itself.
    Objects,
    /// `cef_types`: for a key of `cef`, what its value contains.
    Types,
    Label,
    Severity,
    /// What it is called, and all there are.
    OneOf(&'static str, &'static [&'static str]),
}

/// `POST /rest/container`
pub(super) const CONTAINER: &[(&str, Kind)] = &[
    ("artifacts", Kind::Objects),
    ("asset_id", Kind::Id),
    ("authorized_users", Kind::Ids),
    ("close_time", Kind::Time),
    (
        "container_type",
        Kind::OneOf("container_type", &["default", "case"]),
    ),
    ("custom_fields", Kind::Object),
    ("data", Kind::Object),
    ("description", Kind::Text),
    ("due_time", Kind::Time),
    ("end_time", Kind::Time),
    ("ingest_app_id", Kind::Id),
    ("kill_chain", Kind::Filled),
    ("label", Kind::Label),
    ("name", Kind::Filled),
    ("open_time", Kind::Time),
    ("owner_id", Kind::IdOrName),
    ("role_id", Kind::IdOrName),
    ("run_automation", Kind::Flag),
    (
        "sensitivity",
        Kind::OneOf("sensitivity", &["white", "green", "amber", "red"]),
    ),
    ("severity", Kind::Severity),
    ("source_data_identifier", Kind::Filled),
    ("start_time", Kind::Time),
    ("status", Kind::OneOf("status", &["new", "open", "closed"])),
    ("tags", Kind::Texts),
    ("template_id", Kind::Id),
    ("tenant_id", Kind::IdOrName),
];

/// `POST /rest/artifact`
pub(super) const ARTIFACT: &[(&str, Kind)] = &[
    ("cef", Kind::Object),
    ("cef_types", Kind::Types),
    ("container_id", Kind::Id),
    ("data", Kind::Object),
    ("description", Kind::Text),
    ("end_time", Kind::Time),
    ("ingest_app_id", Kind::Id),
    ("kill_chain", Kind::Filled),
    // Any text: unlike a container's, it need not exist.
    ("label", Kind::Filled),
    ("name", Kind::Filled),
    ("owner_id", Kind::IdOrName),
    ("run_automation", Kind::Flag),
    ("severity", Kind::Severity),
    ("source_data_identifier", Kind::Filled),
    ("start_time", Kind::Time),
    ("tags", Kind::Texts),
    ("type", Kind::Filled),
];
