//! A file that is replaced as one step, and the one before it.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use super::MODE;

/// Where the document before the present one is kept.
pub(super) fn previous(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".previous");
    name.into()
}

/// Replaces the file's contents: whoever reads it finds the old ones or the new ones, whole.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Through a link to the file itself: renaming over the link would cut it off.
    let target = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(e) if e.kind() == io::ErrorKind::NotFound => path.to_owned(),
        Err(e) => return Err(e),
    };
    let mode = match fs::metadata(&target) {
        Ok(metadata) => metadata.permissions().mode() & 0o777,
        Err(_) => MODE,
    };
    let folder = parent(&target);
    let mut file = tempfile::Builder::new()
        .prefix(".kafka-soar-state-")
        .permissions(fs::Permissions::from_mode(mode))
        .tempfile_in(&folder)?;
    file.write_all(bytes)?;
    // The builder's mode is subject to the umask; a kept mode is kept to the letter.
    file.as_file()
        .set_permissions(fs::Permissions::from_mode(mode))?;
    file.as_file().sync_data()?;
    keep(&target, &folder)?;
    file.persist(&target).map_err(|e| e.error)?;
    fs::File::open(&folder)?.sync_all()
}

/// Gives the present file a second name, without a moment in which it has none.
fn keep(target: &Path, folder: &Path) -> io::Result<()> {
    let spare = tempfile::Builder::new()
        .prefix(".kafka-soar-state-")
        .make_in(folder, |path| match fs::hard_link(target, path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            // A file system without links.
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => fs::copy(target, path).map(drop),
            other => other,
        })?;
    let path = spare.path().to_owned();
    if !path.exists() {
        return Ok(());
    }
    spare.persist(previous(target)).map_err(|e| e.error)?;
    // Renaming does nothing where both are names of one file already, after a crash in here.
    match fs::remove_file(&path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// The folder of a file; a bare name is in the current one.
fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}
