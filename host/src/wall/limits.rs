//! What the operating system lets a process use, whatever goes wrong inside.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};

/// Bounds on a process that handles what nobody trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of writable private memory. Reserved address space doesn't count.
    pub memory: u64,
    /// Processor time over all threads; rounded up to seconds. `None`: somebody else counts it.
    pub time: Option<Duration>,
}

impl Limits {
    /// Sets them on this process. It can't write files or dump its memory any more either.
    ///
    /// # Errors
    ///
    /// When the system refuses, which it does where lower limits are in force already.
    pub fn set(self) -> Result<(), String> {
        let seconds = self
            .time
            .map(|time| time.as_secs() + u64::from(time.subsec_nanos() > 0));
        for (resource, most) in [
            (Resource::Data, Some(self.memory)),
            (Resource::Cpu, seconds),
            (Resource::Core, Some(0)),
            (Resource::Fsize, Some(0)),
        ] {
            let Some(most) = most else { continue };
            let present = rustix::process::getrlimit(resource).maximum;
            let most = present.map_or(most, |present| present.min(most));
            setrlimit(
                resource,
                Rlimit {
                    current: Some(most),
                    maximum: Some(most),
                },
            )
            .map_err(|e| format!("limit {resource:?} = {most}: {e}"))?;
        }
        Ok(())
    }
}
