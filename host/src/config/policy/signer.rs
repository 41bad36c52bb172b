//! Who may vouch for parsers: Ed25519 public keys.

use std::fmt;

use openssl::{
    pkey::{Id, PKey, Public},
    sign::Verifier,
};

use crate::config::signature::signed_text;

/// Whoever holds the private half of a key that a policy names.
#[derive(Clone)]
pub struct Signer {
    pub(super) name: String,
    key: PKey<Public>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.name)
    }
}

impl Signer {
    /// A signer with a public key in PEM.
    ///
    /// # Errors
    ///
    /// What the text is instead, and what to do. Nothing of it is quoted: it may be a private key.
    pub fn new(name: String, pem: &str) -> Result<Self, (String, &'static str)> {
        if pem.contains("PRIVATE KEY-----") {
            return Err((
                "it is a private key, which belongs to the signer alone".to_owned(),
                "give its public half: openssl pkey -in KEY -pubout; make a new pair if others \
                 have seen this one",
            ));
        }
        let key = PKey::public_key_from_pem(pem.as_bytes()).map_err(|_| {
            (
                "it is not a public key in PEM".to_owned(),
                "give the lines from -----BEGIN PUBLIC KEY----- to -----END PUBLIC KEY-----",
            )
        })?;
        if key.id() != Id::ED25519 {
            let kind = match key.id() {
                Id::RSA | Id::RSA_PSS => "RSA",
                Id::EC => "ECDSA",
                Id::ED448 => "Ed448",
                Id::X25519 | Id::X448 => "Diffie-Hellman",
                Id::DSA => "DSA",
                _ => "other",
            };
            return Err((
                format!(
                    "it is a key of the wrong kind ({kind}, {} bits)",
                    key.bits()
                ),
                "give an Ed25519 key; openssl genpkey -algorithm ed25519 makes one",
            ));
        }
        Ok(Self { name, key })
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn has_the_key_of(&self, other: &Self) -> bool {
        self.key.public_eq(&other.key)
    }

    /// Whether this signer made the signature, for the component with this digest.
    #[must_use]
    pub fn signed(&self, digest: &str, signature: &[u8]) -> bool {
        Verifier::new_without_digest(&self.key)
            .and_then(|mut verifier| {
                verifier.verify_oneshot(signature, signed_text(digest).as_bytes())
            })
            .unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use openssl::{ec::EcKey, nid::Nid, rsa::Rsa, sign};

    use super::*;

    fn pem(key: &PKey<openssl::pkey::Private>) -> String {
        String::from_utf8(key.public_key_to_pem().unwrap()).unwrap()
    }

    fn refused(pem: &str) -> String {
        Signer::new("s".into(), pem).unwrap_err().0
    }

    #[test]
    fn only_ed25519_keys_are_taken() {
        let rsa = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        assert!(refused(&pem(&rsa)).contains("(RSA, 2048 bits)"));
        let group = openssl::ec::EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let ec = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        assert!(refused(&pem(&ec)).contains("(ECDSA, 256 bits)"));
        assert!(refused(&pem(&PKey::generate_x25519().unwrap())).contains("Diffie-Hellman"));
        assert!(refused("").contains("not a public key"));
        assert!(
            refused("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")
                .contains("not a public key")
        );

        let key = PKey::generate_ed25519().unwrap();
        let private = String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap();
        assert!(refused(&private).contains("a private key"));
        Signer::new("s".into(), &pem(&key)).unwrap();
    }

    #[test]
    fn a_signature_is_of_one_key_over_one_digest() {
        let key = PKey::generate_ed25519().unwrap();
        let signer = Signer::new("s".into(), &pem(&key)).unwrap();
        let digest = "00".repeat(32);
        let made = sign::Signer::new_without_digest(&key)
            .unwrap()
            .sign_oneshot_to_vec(signed_text(&digest).as_bytes())
            .unwrap();
        assert!(signer.signed(&digest, &made));

        assert!(!signer.signed(&"01".repeat(32), &made));
        for bit in 0..made.len() * 8 {
            let mut forged = made.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(!signer.signed(&digest, &forged), "bit {bit}");
        }
        for length in 0..made.len() {
            assert!(!signer.signed(&digest, &made[..length]));
        }
        let other = PKey::generate_ed25519().unwrap();
        let other = Signer::new("o".into(), &pem(&other)).unwrap();
        assert!(!other.signed(&digest, &made));
        assert!(!other.has_the_key_of(&signer) && signer.has_the_key_of(&signer));
    }
}
