//! Native code on its way to the process that runs it.

use std::{
    fs::File,
    io::{self, Write as _},
    os::fd::OwnedFd,
};

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

/// A file in memory that nobody can change any more. The processes that run it map it, so that it
/// is there once however often it is started again.
#[derive(Debug)]
pub(super) struct Code(File);

impl Code {
    pub(super) fn new(code: &[u8]) -> io::Result<Self> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let mut file = File::from(memfd_create("kafka-soar-parser", flags)?);
        file.write_all(code)?;
        let all = SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE;
        fcntl_add_seals(&file, all)?;
        Ok(Self(file))
    }

    /// For a process that is to inherit it.
    pub(super) fn descriptor(&self) -> io::Result<OwnedFd> {
        Ok(self.0.try_clone()?.into())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt as _;

    use super::*;

    #[test]
    fn code_can_be_read_and_never_changed() {
        let code = Code::new(b"native").unwrap();
        let file = File::from(code.descriptor().unwrap());
        let mut read = [0; 6];
        file.read_exact_at(&mut read, 0).unwrap();
        assert_eq!(&read, b"native");
        file.write_all_at(b"N", 0).unwrap_err();
        file.set_len(3).unwrap_err();
    }
}
