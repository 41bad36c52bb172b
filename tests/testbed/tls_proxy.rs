//! TLS before a server that speaks none (the script `tls_proxy.py`).

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Stdio},
};

use super::registry::python;

/// A running proxy. It ends when this is dropped, or with this process.
pub struct TlsProxy {
    child: Child,
    url: String,
}

impl TlsProxy {
    /// Starts one before a port of this machine.
    #[must_use]
    pub fn start(certificate: &Path, key: &Path, port: u16) -> Self {
        let mut child = python("tls_proxy.py")
            .arg(certificate)
            .arg(key)
            .arg(port.to_string())
            // It ends with its standard input, which this process holds.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the proxy starts");
        let mut port = String::new();
        BufReader::new(child.stdout.take().expect("piped"))
            .read_line(&mut port)
            .expect("its port");
        Self {
            child,
            url: format!("https://localhost:{}", port.trim()),
        }
    }

    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TlsProxy {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
