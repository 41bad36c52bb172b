//! Taking records out of a quarantine file.

use std::{
    fs,
    io::{self, BufWriter, Write as _},
    path::Path,
};

use super::{super::append::sync_folder, lines::QuarantineLines};
use crate::model::Quarantined;

/// Replaces the file by one without the records that are done. A crash leaves one or the other.
/// Whoever calls holds the file, so that no line comes meanwhile.
pub(super) fn without(path: &Path, done: &mut dyn FnMut(&Quarantined) -> bool) -> io::Result<()> {
    // Through a link to the file itself: renaming over the link would cut it off.
    let path = fs::canonicalize(path)?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mode = fs::metadata(&path)?.permissions();
    let temporary = tempfile::Builder::new()
        .prefix(".kafka-soar-quarantine-")
        .tempfile_in(folder)?;
    let mut out = BufWriter::new(temporary);
    let mut lines = QuarantineLines::open(&path)?;
    while let Some(letter) = lines.next_line()? {
        if !done(&letter) {
            out.write_all(lines.line())?;
        }
    }
    let temporary = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    temporary.as_file().set_permissions(mode)?;
    temporary.as_file().sync_all()?;
    temporary.persist(&path).map_err(|e| e.error)?;
    sync_folder(&path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn line(offset: i64) -> String {
        // Written by hand: what stays must stay to the letter.
        format!(
            "{{ \"topic\": \"t\", \"partition\": 0, \"offset\": {offset}, \"timestamp\": null, \
             \"key\": null, \"value\": null, \"headers\": [], \"reason\": \"r\", \
             \"quarantined_at\": \"\", \"later\": 1 }}\n"
        )
    }

    #[test]
    fn what_stays_stays_to_the_letter_and_so_does_the_mode() {
        let dir = tempfile::tempdir().unwrap();
        let (path, link) = (dir.path().join("q"), dir.path().join("link"));
        fs::write(&path, [line(1), line(2), line(1), line(3)].concat()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        without(&link, &mut |letter| letter.offset == 1).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            [line(2), line(3)].concat()
        );
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_line_that_is_not_understood_leaves_the_file_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("q");
        let text = [&line(1), "x\n", &line(2)].concat();
        fs::write(&path, &text).unwrap();
        without(&path, &mut |_| true).unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
