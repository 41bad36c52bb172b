//! Everything that was posted, in a database.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, params};

use super::{
    Error,
    record::{Artifact, Container, Saved},
};

/// "SOAR": tells the file from other databases.
const APPLICATION: i64 = 0x534F_4152;
const VERSION: i64 = 1;

const SCHEMA: &str = "
    CREATE TABLE container (
        id INTEGER PRIMARY KEY,
        asset INTEGER,
        source_data_identifier TEXT NOT NULL,
        name TEXT NOT NULL,
        label TEXT NOT NULL,
        created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')),
        body TEXT NOT NULL
    ) STRICT;
    -- Containers without an asset are of one asset.
    CREATE UNIQUE INDEX container_identity
        ON container (source_data_identifier, coalesce(asset, 0));
    CREATE TABLE artifact (
        id INTEGER PRIMARY KEY,
        container INTEGER NOT NULL REFERENCES container (id),
        source_data_identifier TEXT NOT NULL,
        name TEXT,
        label TEXT,
        created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')),
        body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX artifact_container ON artifact (container);
    CREATE INDEX artifact_identifier ON artifact (source_data_identifier);
";

pub(super) struct Store {
    pub(super) connection: Connection,
}

impl Store {
    /// Opens the file, or makes it; `None` is a store in memory.
    pub(super) fn open(path: Option<&Path>) -> Result<Self, Error> {
        let Some(path) = path else {
            return Ok(Self::prepare(Connection::open_in_memory()?)?);
        };
        let failed = |source| match source {
            rusqlite::Error::SqliteFailure(e, _) if e.code == ErrorCode::NotADatabase => {
                Error::Foreign(path.to_owned())
            }
            source => Error::Open {
                path: path.to_owned(),
                source,
            },
        };
        let connection = Connection::open(path).map_err(failed)?;
        if is_foreign(&connection).map_err(failed)? {
            return Err(Error::Foreign(path.to_owned()));
        }
        Self::prepare(connection).map_err(failed)
    }

    fn prepare(mut connection: Connection) -> rusqlite::Result<Self> {
        // A crash of this process loses nothing, and that is all a test asks for.
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "normal")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "cache_size", -65_536)?;
        connection.set_prepared_statement_cache_capacity(64);
        let start = connection.transaction()?;
        if pragma(&start, "user_version")? == 0 {
            start.execute_batch(SCHEMA)?;
            start.pragma_update(None, "application_id", APPLICATION)?;
            start.pragma_update(None, "user_version", VERSION)?;
        }
        start.commit()?;
        Ok(Self { connection })
    }

    pub(super) fn begin(&mut self) -> rusqlite::Result<Write<'_>> {
        self.connection.transaction().map(Write)
    }

    /// Containers and artifacts.
    pub(super) fn counts(&self) -> rusqlite::Result<(u64, u64)> {
        let count = |table: &str| {
            let sql = format!("SELECT count(*) FROM {table}");
            self.connection
                .prepare_cached(&sql)?
                .query_row([], |row| row.get(0))
        };
        Ok((count("container")?, count("artifact")?))
    }
}

/// Whether the file holds something, and not what this writes.
fn is_foreign(connection: &Connection) -> rusqlite::Result<bool> {
    let (application, version) = (
        pragma(connection, "application_id")?,
        pragma(connection, "user_version")?,
    );
    if (application, version) == (APPLICATION, VERSION) {
        return Ok(false);
    }
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(tables > 0 || application != 0 || version != 0)
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

/// The saving of one request: all of it is there after [`Write::commit`], or nothing.
pub(super) struct Write<'a>(Transaction<'a>);

impl Write<'_> {
    pub(super) fn commit(self) -> rusqlite::Result<()> {
        self.0.commit()
    }

    pub(super) fn container(&self, container: &Container) -> rusqlite::Result<Saved> {
        if let Some(identifier) = &container.identifier
            && let Some(existing) = self.existing(container.asset, identifier)?
        {
            return Ok(Saved::Duplicate {
                existing,
                identifier: identifier.clone(),
            });
        }
        self.0
            .prepare_cached(
                "INSERT INTO container (asset, source_data_identifier, name, label, body)
                 VALUES (?, ?, ?, ?, ?)",
            )?
            .execute(params![
                container.asset,
                given_or_made(container.identifier.as_ref()),
                container.name,
                container.label,
                container.body
            ])?;
        let id = self.0.last_insert_rowid();
        let artifacts = container.artifacts.iter();
        let artifacts = artifacts
            .map(|artifact| self.insert(id, artifact))
            .collect::<rusqlite::Result<_>>()?;
        Ok(Saved::Container { id, artifacts })
    }

    /// Saves an artifact. There may be any number with one identifier: sources conflict on
    /// whether SOAR looks at it, so that a client can't rely on it.
    pub(super) fn artifact(&self, container: i64, artifact: &Artifact) -> rusqlite::Result<Saved> {
        let there = self
            .0
            .prepare_cached("SELECT 1 FROM container WHERE id = ?")?
            .exists([container])?;
        if !there {
            return Ok(Saved::NoContainer(container));
        }
        self.insert(container, artifact)
            .map(|id| Saved::Artifact { id })
    }

    fn existing(&self, asset: Option<i64>, identifier: &str) -> rusqlite::Result<Option<i64>> {
        self.0
            .prepare_cached(
                "SELECT id FROM container
                 WHERE source_data_identifier = ? AND coalesce(asset, 0) = coalesce(?, 0)",
            )?
            .query_row(params![identifier, asset], |row| row.get(0))
            .optional()
    }

    fn insert(&self, container: i64, artifact: &Artifact) -> rusqlite::Result<i64> {
        self.0
            .prepare_cached(
                "INSERT INTO artifact (container, source_data_identifier, name, label, body)
                 VALUES (?, ?, ?, ?, ?)",
            )?
            .execute(params![
                container,
                given_or_made(artifact.identifier.as_ref()),
                artifact.name,
                artifact.label,
                artifact.body
            ])?;
        Ok(self.0.last_insert_rowid())
    }
}

/// SOAR makes up an identifier where none is given.
fn given_or_made(identifier: Option<&String>) -> String {
    identifier
        .cloned()
        .unwrap_or_else(|| format!("{:032x}", rand::random::<u128>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(asset: Option<i64>, identifier: Option<&str>, artifacts: usize) -> Container {
        let artifact = || Artifact {
            identifier: Some("same".into()),
            name: None,
            label: None,
            body: "{}".into(),
        };
        Container {
            asset,
            identifier: identifier.map(Into::into),
            name: Some("n".into()),
            label: Some("events".into()),
            body: "{}".into(),
            artifacts: (0..artifacts).map(|_| artifact()).collect(),
        }
    }

    #[test]
    fn an_identifier_is_taken_once_an_asset() {
        let mut store = Store::open(None).unwrap();
        let write = store.begin().unwrap();
        let save = |asset, identifier| write.container(&container(asset, identifier, 2)).unwrap();
        let first = Saved::Container {
            id: 1,
            artifacts: vec![1, 2],
        };
        let duplicate = |existing| Saved::Duplicate {
            existing,
            identifier: "a".into(),
        };
        assert_eq!(save(None, Some("a")), first);
        assert_eq!(save(None, Some("a")), duplicate(1));
        assert!(matches!(
            save(Some(7), Some("a")),
            Saved::Container { id: 2, .. }
        ));
        assert_eq!(save(Some(7), Some("a")), duplicate(2));
        assert!(matches!(save(None, None), Saved::Container { id: 3, .. }));
        assert!(matches!(save(None, None), Saved::Container { id: 4, .. }));
        write.commit().unwrap();
        assert_eq!(store.counts().unwrap(), (4, 8));
    }

    #[test]
    fn what_is_not_committed_is_not_there() {
        let mut store = Store::open(None).unwrap();
        let write = store.begin().unwrap();
        write.container(&container(None, Some("a"), 3)).unwrap();
        drop(write);
        assert_eq!(store.counts().unwrap(), (0, 0));
    }

    #[test]
    fn an_artifact_needs_its_container_and_is_never_a_duplicate() {
        let mut store = Store::open(None).unwrap();
        let write = store.begin().unwrap();
        let whole = container(None, None, 1);
        let artifact = &whole.artifacts[0];
        assert_eq!(write.artifact(1, artifact).unwrap(), Saved::NoContainer(1));
        write.container(&whole).unwrap();
        assert_eq!(
            write.artifact(1, artifact).unwrap(),
            Saved::Artifact { id: 2 }
        );
        assert_eq!(
            write.artifact(1, artifact).unwrap(),
            Saved::Artifact { id: 3 }
        );
    }

    #[test]
    fn a_file_keeps_it_and_other_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("soar.db");
        let mut store = Store::open(Some(&path)).unwrap();
        let write = store.begin().unwrap();
        write.container(&container(None, Some("a"), 1)).unwrap();
        write.commit().unwrap();
        drop(store);
        let store = Store::open(Some(&path)).unwrap();
        assert_eq!(store.counts().unwrap(), (1, 1));

        let text = folder.path().join("notes.txt");
        std::fs::write(&text, "these are notes, by no means a database".repeat(100)).unwrap();
        assert!(matches!(Store::open(Some(&text)), Err(Error::Foreign(_))));
        let other = folder.path().join("other.db");
        let connection = Connection::open(&other).unwrap();
        connection.execute_batch("CREATE TABLE t (x)").unwrap();
        assert!(matches!(Store::open(Some(&other)), Err(Error::Foreign(_))));
        let nowhere = folder.path().join("no/such/soar.db");
        assert!(matches!(
            Store::open(Some(&nowhere)),
            Err(Error::Open { .. })
        ));
    }
}
