//! A process of this program's own that handles what nobody trusts, seen from the host.

use std::{
    ffi::OsStr,
    io::{self, Read, Write},
    os::{
        fd::OwnedFd,
        unix::{
            net::UnixStream,
            process::{CommandExt as _, ExitStatusExt as _},
        },
    },
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use command_fds::{CommandFdExt as _, FdMapping};

use super::{code::Code, worker::CODE_FD};

/// The program that compiles and runs parsers: kafka-soar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// This process's own, also if its file has been replaced meanwhile.
    This,
    /// Another file: for programs that use this library.
    At(PathBuf),
}

impl Program {
    fn path(&self) -> &OsStr {
        match self {
            Self::This => OsStr::new("/proc/self/exe"),
            Self::At(path) => path.as_os_str(),
        }
    }
}

/// Of the environment a child gets nothing but this: it may be what finds the libraries.
const KEPT: &str = "LD_LIBRARY_PATH";

/// Has the allocator take memory as it is needed, not a GiB at a time: there is a limit.
const ALLOCATOR: &str = "MIMALLOC_ARENA_EAGER_COMMIT";

/// A child with a socket as its standard input and output. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    socket: UnixStream,
    /// When the host stops waiting for it.
    until: Instant,
}

impl Process {
    /// Starts `kafka-soar sandbox {work}`, with `code` as a further descriptor.
    pub(super) fn start(
        program: &Program,
        work: &str,
        code: Option<&Code>,
        patience: Duration,
    ) -> io::Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        let mut command = Command::new(program.path());
        command
            .arg0("kafka-soar")
            .args(["sandbox", work])
            // A person's Ctrl-C is for the host, which ends its batch in order.
            .process_group(0)
            .env_clear()
            .env(ALLOCATOR, "0")
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs.try_clone()?)))
            .stdout(Stdio::from(OwnedFd::from(theirs)))
            // What a guest broke out into must not write to a person's terminal.
            .stderr(Stdio::null());
        if let Some(value) = std::env::var_os(KEPT) {
            command.env(KEPT, value);
        }
        if let Some(code) = code {
            let mapping = FdMapping {
                parent_fd: code.descriptor()?,
                child_fd: CODE_FD,
            };
            command
                .fd_mappings(vec![mapping])
                .map_err(io::Error::other)?;
        }
        Ok(Self {
            child: command.spawn()?,
            socket: ours,
            until: Instant::now() + patience,
        })
    }

    /// From now on the host waits this long.
    pub(super) fn expect_within(&mut self, patience: Duration) {
        self.until = Instant::now() + patience;
    }

    /// Ends it, if it hasn't ended by itself, and says how it ended: a process that broke off the
    /// conversation is given a moment to die of what it did.
    pub(super) fn end(&mut self) -> Option<ExitStatus> {
        const MOMENT: Duration = Duration::from_secs(1);
        let _ = self.socket.shutdown(std::net::Shutdown::Both);
        let until = Instant::now() + MOMENT;
        while Instant::now() < until {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(1)),
                Ok(Some(status)) => return Some(status),
                Err(_) => return None,
            }
        }
        let _ = self.child.kill();
        self.child.wait().ok()
    }

    fn left(&self) -> io::Result<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(left)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Read for Process {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(Some(self.left()?))?;
        self.socket.read(buffer).map_err(timed_out)
    }
}

impl Write for Process {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(Some(self.left()?))?;
        self.socket.write(buffer).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A socket's time-out says that the call would block.
fn timed_out(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}

/// How a process ended, for a person.
pub(super) fn describe(status: Option<ExitStatus>) -> String {
    let Some(status) = status else {
        return "it is gone".to_owned();
    };
    match status.signal() {
        Some(libc::SIGSYS) => "the second wall ended it: it made a system call that it may not \
                               make"
            .to_owned(),
        Some(libc::SIGKILL) => {
            "it was killed (signal 9); by the system, for want of memory?".to_owned()
        }
        Some(libc::SIGABRT) => "it aborted (signal 6), for want of memory?".to_owned(),
        Some(signal) => format!("it was ended by signal {signal}"),
        None => format!("{status}"),
    }
}
