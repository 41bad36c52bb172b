//! Which files a process goes on needing.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Files and directories, by what is done with them. What doesn't exist is passed over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paths {
    /// Read, with everything below.
    pub read: Vec<PathBuf>,
    /// Files below may be made, written, replaced and removed.
    pub write: Vec<PathBuf>,
    /// Run as a program.
    pub run: Vec<PathBuf>,
}

/// What the libraries of this process read when they like: name resolution, certificates,
/// Kerberos, time zones, locales, plug-ins. No home directory, no `/var`, no programs, no
/// other process.
const SYSTEM: &[&str] = &[
    "/etc",
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/local/share/ca-certificates",
    "/usr/share",
    "/run/nscd",
    "/run/resolvconf",
    "/run/systemd/resolve",
    "/run/NetworkManager",
    "/var/lib/sss",
    "/dev/null",
    "/dev/random",
    "/dev/urandom",
    "/dev/shm",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/self",
    "/proc/sys",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
];

/// Variables that name files which the libraries read.
const NAMED: &[&str] = &[
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "OPENSSL_CONF",
    "KRB5_CONFIG",
    "KRB5_CLIENT_KTNAME",
    "KRB5_KTNAME",
    "SASL_PATH",
    "TZDIR",
];

/// Where Kerberos keeps tickets.
const TICKETS: &str = "KRB5CCNAME";

impl Paths {
    /// What any connector needs: the system's libraries and their settings, and its own program,
    /// which it starts again for each parser.
    #[must_use]
    pub fn of_system() -> Self {
        let mut paths = Self {
            read: SYSTEM.iter().map(PathBuf::from).collect(),
            write: vec![PathBuf::from("/dev/null")],
            run: vec![PathBuf::from("/proc/self/exe")],
        };
        for variable in NAMED {
            if let Some(value) = env::var_os(variable) {
                // Lists of paths, or a kind before the path.
                let value = value.to_string_lossy().into_owned();
                let parts = value.split(':').filter(|part| part.starts_with('/'));
                paths.read.extend(parts.map(PathBuf::from));
            }
        }
        if let Some(cache) = env::var_os(TICKETS) {
            let cache = cache.to_string_lossy().into_owned();
            let path = cache.rsplit_once(':').map_or(&*cache, |(_, path)| path);
            // Of KEYRING:…, KCM: and MEMORY:… nothing is a file: they must not open the folder that
            // this was started in.
            if path.starts_with('/') {
                paths.writes_to(Path::new(path));
            }
        } else {
            let user = rustix::process::geteuid().as_raw();
            let cache = format!("/tmp/krb5cc_{user}");
            paths.write.push(PathBuf::from(cache));
        }
        paths.run.extend(loader());
        paths
    }

    /// A file that is written, and others beside it: it is replaced by renaming.
    pub fn writes_to(&mut self, path: &Path) {
        if let Ok(found) = fs::metadata(path)
            && !found.is_file()
        {
            // A named pipe or a device: nothing is ever put in its place. What has no place in the
            // file system (/dev/stdout that is a pipe) needs no right.
            let place = path.canonicalize();
            if place.is_ok_and(|place| place.exists() && !place.starts_with("/proc")) {
                self.write.push(path.to_owned());
            }
            return;
        }
        let directory = match path.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => path,
        };
        // A folder that is yet to be made is made in the nearest one that is there.
        let there = directory
            .ancestors()
            .find(|directory| directory.is_dir())
            .unwrap_or(Path::new("."));
        self.write.push(there.to_owned());
    }
}

/// The dynamic loader that starts this program, from its own list of what is mapped.
fn loader() -> Option<PathBuf> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    maps.lines()
        .filter_map(|line| line.split_whitespace().nth(5))
        .map(Path::new)
        .find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("ld-") || name.starts_with("ld.")
        })
        .map(Path::to_owned)
}
