//! Tickets from a keytab, without `kinit`.
//!
//! libgssapi takes and renews tickets by itself when it finds a client keytab. Where one is it
//! learns from the process's environment alone, so a process has one Kerberos identity.

use std::{
    env,
    io::Write as _,
    os::fd::AsRawFd as _,
    sync::{Mutex, PoisonError},
};

use rustix::fs::{MemfdFlags, memfd_create};

use super::Error;
use crate::config::{Connection, Kerberos, Keytab, Sasl};

/// The keytab that this process uses, held open, and whose it is.
static IDENTITY: Mutex<Option<(String, std::fs::File)>> = Mutex::new(None);

/// Makes libgssapi find the connection's keytab, if it has one. To be called before a client of
/// the connection is made.
///
/// # Errors
///
/// [`Error::Settings`] when this process already is someone else.
pub(super) fn prepare(connection: &Connection) -> Result<(), Error> {
    match &connection.security.sasl {
        Some(Sasl::Gssapi(Kerberos {
            keytab: Some(keytab),
            ..
        })) => become_(keytab),
        _ => Ok(()),
    }
}

fn become_(keytab: &Keytab) -> Result<(), Error> {
    let mut identity = IDENTITY.lock().unwrap_or_else(PoisonError::into_inner);
    let name = format!("{} in {}", keytab.principal, keytab.file);
    match identity.as_ref() {
        Some((present, _)) if *present == name => return Ok(()),
        Some((present, _)) => {
            return Err(Error::Settings {
                cause: format!(
                    "a process has one Kerberos identity: this one is {present} and can't be \
                     {name}"
                ),
            });
        }
        None => {}
    }
    // A file without a name, holding this principal's keys alone: of several libgssapi would
    // take the first. It is gone with the process.
    let failed = |error: std::io::Error| Error::Settings {
        cause: format!("the keytab {} can't be handed on: {error}", keytab.file),
    };
    let fd =
        memfd_create("kafka-soar-keytab", MemfdFlags::CLOEXEC).map_err(|e| failed(e.into()))?;
    let mut file = std::fs::File::from(fd);
    file.write_all(keytab.bytes()).map_err(failed)?;
    let path = format!("FILE:/proc/self/fd/{}", file.as_raw_fd());
    // SAFETY: done once in a process, before its first client with Kerberos exists: no thread
    // looks up these two variables, which nothing but libkrb5 reads.
    #[expect(
        unsafe_code,
        reason = "libkrb5 takes a client keytab from the environment alone"
    )]
    unsafe {
        env::set_var("KRB5_CLIENT_KTNAME", path);
        // Tickets stay in this process; whatever the user's cache holds is someone else's.
        env::set_var("KRB5CCNAME", "MEMORY:kafka-soar");
    }
    *identity = Some((name, file));
    Ok(())
}
