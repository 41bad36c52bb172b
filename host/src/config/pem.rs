//! Certificates and keys in PEM, as the path of a file or as text.

use std::{borrow::Cow, path::Path};

use openssl::{
    pkey::{PKey, Private},
    x509::X509,
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Certificates, Fault, Identity, check::Checks, files, raw::Given};

/// Far above any bundle of authorities; bounds what a wrong path makes us read.
const MAX_BYTES: u64 = 16 << 20;
const BEGIN: &str = "-----BEGIN ";

/// The text of a PEM field and where it came from.
struct Pem<'a> {
    field: &'a str,
    file: Option<String>,
    text: String,
}

impl Pem<'_> {
    fn fault(&self, problem: &str, remedy: &str) -> Fault {
        match &self.file {
            Some(file) => files::fault(self.field, Path::new(file), problem, remedy),
            None => Fault::new(self.field, problem, remedy),
        }
    }

    fn certificates(&self) -> Result<(Certificates, Vec<X509>), Fault> {
        let remedy = "give certificates in PEM (-----BEGIN CERTIFICATE-----)";
        let parsed = X509::stack_from_pem(self.text.as_bytes())
            .map_err(|_| self.fault("a certificate in it is damaged", remedy))?;
        if parsed.is_empty() {
            return Err(self.fault("no certificate is in it", remedy));
        }
        let certificates = Certificates {
            file: self.file.clone(),
            pem: self.text.clone(),
        };
        Ok((certificates, parsed))
    }

    fn key(&self, password: Option<&SecretString>) -> Result<PKey<Private>, Fault> {
        let text = self.text.as_bytes();
        let encrypted = self.text.contains("ENCRYPTED");
        let key = match password {
            Some(password) => {
                PKey::private_key_from_pem_passphrase(text, password.expose_secret().as_bytes())
            }
            // With no callback OpenSSL would ask on the terminal.
            None => PKey::private_key_from_pem_callback(text, |_| Ok(0)),
        };
        key.map_err(|_| match (encrypted, password) {
            (true, None) => Fault::new(
                "ssl_key_password",
                "this field is required: the key in key_file is encrypted",
                "give it, or ssl_key_password_file (a path) or ssl_key_password_env (a variable)",
            ),
            (true, Some(_)) => Fault::new(
                "ssl_key_password",
                "it does not decrypt the key in key_file",
                "give the password that the key was encrypted with",
            ),
            (false, _) => self.fault(
                "no private key that can be read is in it",
                "give the key in PEM (-----BEGIN PRIVATE KEY-----)",
            ),
        })
    }
}

impl Checks<'_> {
    pub(super) fn certificates(&mut self, field: &str) -> Option<Certificates> {
        let pem = self.pem(field)?;
        self.keep(pem.certificates()).map(|(found, _)| found)
    }

    /// The client's certificate and its key, which may stand in one file.
    pub(super) fn identity(&mut self) -> Option<Identity> {
        let before = self.faults.len();
        let password = self.secret("ssl_key_password");
        let certificate = self.pem("cert_file");
        let key = self.pem("key_file");
        if self.faults.len() > before {
            return None;
        }
        let Some(certificate) = certificate else {
            if key.is_some() {
                self.fault(
                    "key_file",
                    "a private key without its certificate",
                    "give cert_file too, or leave key_file out",
                );
            }
            return None;
        };
        let key = match key {
            Some(key) => key,
            None if certificate.text.contains("PRIVATE KEY-----") => Pem {
                field: "cert_file",
                file: certificate.file.clone(),
                text: certificate.text.clone(),
            },
            None => {
                self.fault(
                    "cert_file",
                    "a certificate without its private key",
                    "give key_file too, or put the key into the same file",
                );
                return None;
            }
        };
        let (chain, parsed) = self.keep(certificate.certificates())?;
        let private = self.keep(key.key(password.as_ref()))?;
        let fits = parsed[0]
            .public_key()
            .is_ok_and(|public| private.public_eq(&public));
        if !fits {
            let fault = key.fault(
                "the private key is not that of the first certificate in cert_file",
                "give the two that belong together",
            );
            self.faults.push(fault);
            return None;
        }
        Some(Identity {
            certificate: chain,
            key: key.text.into(),
            key_password: password,
        })
    }

    fn pem<'f>(&mut self, field: &'f str) -> Option<Pem<'f>> {
        let Given::Value(given) = self.text(field) else {
            return None;
        };
        if given.contains(BEGIN) {
            return Some(Pem {
                field,
                file: None,
                text: lines(given).into_owned(),
            });
        }
        let read = files::read(field, Path::new(given), MAX_BYTES).and_then(|bytes| {
            let fault = |problem| {
                files::fault(
                    field,
                    Path::new(given),
                    problem,
                    "give a PEM file; DER is converted by openssl x509 (or pkey) -inform DER \
                     -outform PEM",
                )
            };
            match String::from_utf8(bytes) {
                Ok(text) if text.contains(BEGIN) => Ok(text),
                Ok(text) if text.is_empty() => Err(fault("empty")),
                _ => Err(fault("not PEM: no line \"-----BEGIN …\"")),
            }
        });
        let text = self.keep(read)?;
        Some(Pem {
            field,
            file: Some(given.to_owned()),
            text,
        })
    }

    fn keep<T>(&mut self, outcome: Result<T, Fault>) -> Option<T> {
        outcome.map_err(|fault| self.faults.push(fault)).ok()
    }
}

/// Gives PEM its lines back, which a form's one-line field takes away: `\n` typed as two
/// characters, or spaces.
fn lines(text: &str) -> Cow<'_, str> {
    if text.contains('\n') {
        return Cow::Borrowed(text);
    }
    let mut lines = String::with_capacity(text.len() + 8);
    let spaced = text.replace("\\r", "").replace("\\n", " ");
    let mut rest = spaced.as_str();
    while let Some(start) = rest.find("-----") {
        let Some(length) = rest[start + 5..].find("-----") else {
            break;
        };
        let end = start + 5 + length + 5;
        for word in rest[..start].split_whitespace() {
            lines.push_str(word);
            lines.push('\n');
        }
        // The markers themselves have spaces.
        lines.push_str(&rest[start..end]);
        lines.push('\n');
        rest = &rest[end..];
    }
    Cow::Owned(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_one_line_gets_its_lines_back() {
        let pem = "-----BEGIN CERTIFICATE-----\nAAAA\nBBBB\n-----END CERTIFICATE-----\n\
                   -----BEGIN RSA PRIVATE KEY-----\nCCCC\n-----END RSA PRIVATE KEY-----\n";
        assert_eq!(lines(pem), pem);
        assert_eq!(lines(pem.trim_end().replace('\n', " ").as_str()), pem);
        assert_eq!(lines(pem.replace('\n', "\\n").as_str()), pem);
        assert_eq!(lines(pem.replace('\n', "\\r\\n").as_str()), pem);
        assert_eq!(lines("-----BEGIN "), "");
    }
}
