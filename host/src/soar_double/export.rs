//! Everything that the store holds, as lines of JSON.

use rusqlite::Connection;

/// Roughly how much of the export is in memory at a time; a container's line is never divided.
const CHUNK: usize = 1 << 20;

/// Whole lines.
pub(super) struct Chunk {
    pub(super) lines: Vec<u8>,
    /// The last container in it.
    pub(super) last: i64,
}

/// The lines of the containers after the one with the id `after`; `None` when there are none.
///
/// `{"container": …as sent, without artifacts…, "id": 1, "artifacts": [{…as sent, without
/// container_id…}, …]}`, both in the order in which they were saved.
pub(super) fn chunk(connection: &Connection, after: i64) -> rusqlite::Result<Option<Chunk>> {
    let mut containers = connection
        .prepare_cached("SELECT id, body FROM container WHERE id > ? ORDER BY id LIMIT 10000")?;
    let mut artifacts =
        connection.prepare_cached("SELECT body FROM artifact WHERE container = ? ORDER BY id")?;
    let mut lines = Vec::new();
    let mut last = after;
    let mut rows = containers.query([after])?;
    while lines.len() < CHUNK
        && let Some(row) = rows.next()?
    {
        last = row.get(0)?;
        lines.extend_from_slice(b"{\"container\":");
        lines.extend_from_slice(row.get_ref(1)?.as_bytes()?);
        lines.extend_from_slice(format!(",\"id\":{last},\"artifacts\":[").as_bytes());
        let mut rows = artifacts.query([last])?;
        let mut separator: &[u8] = b"";
        while let Some(row) = rows.next()? {
            lines.extend_from_slice(separator);
            lines.extend_from_slice(row.get_ref(0)?.as_bytes()?);
            separator = b",";
        }
        lines.extend_from_slice(b"]}\n");
    }
    Ok((last > after).then_some(Chunk { lines, last }))
}
