//! `parser verify`: a signature against a public key.

use kafka_soar_tests::guests;

use super::parser;
use crate::policy::{Place, digest};

fn place() -> Place {
    let place = Place::new();
    place.write("p.wasm", guests::text("pure"));
    place.keys("ci");
    place.keys("ops");
    place.sign("p.wasm", "ci.pem");
    place
}

#[test]
fn a_signature_is_valid_for_its_key_and_component() {
    let place = place();
    let ran = parser(&place, &["verify", "p.wasm", "--key", "ci.pub", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let outcome = ran.json();
    assert_eq!(outcome["valid"], true);
    assert_eq!(outcome["digest"], digest(&guests::text("pure")));
    assert_eq!(outcome["signature"], "p.wasm.sig");

    let ran = parser(&place, &["verify", "p.wasm", "--key", "ops.pub"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (
            Some(65),
            "not valid: it is not by this key, or of another component (p.wasm.sig)\n"
        )
    );
    place.write("q.wasm", guests::HOSTILE);
    let words = [
        "verify",
        "q.wasm",
        "--key",
        "ci.pub",
        "--signature",
        "p.wasm.sig",
    ];
    assert_eq!(parser(&place, &words).code, Some(65));
    place.write("p.wasm.sig", "AAAA");
    let ran = parser(&place, &["verify", "p.wasm", "--key", "ci.pub"]);
    assert_eq!(ran.code, Some(65));
    assert!(ran.stdout.contains("it has 3 bytes"), "{}", ran.stdout);
}

#[test]
fn what_is_no_key_or_no_signature_is_told() {
    let place = place();
    place.write("module.wasm", b"\0asm\x01\0\0\0");
    place.write("unsigned.wasm", guests::text("pure"));
    for (file, key, code, said) in [
        ("p.wasm", "ci.pem", 64, "it is a private key"),
        ("p.wasm", "p.wasm.sig", 64, "it is not a public key in PEM"),
        ("p.wasm", "gone.pub", 64, "can't be read"),
        (
            "unsigned.wasm",
            "ci.pub",
            64,
            "unsigned.wasm.sig is not there",
        ),
        ("module.wasm", "ci.pub", 65, "a core WebAssembly module"),
    ] {
        let ran = parser(&place, &["verify", file, "--key", key]);
        assert_eq!(ran.code, Some(code), "{file} {key}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
        assert!(!ran.stderr.contains("BEGIN"), "{}", ran.stderr);
    }
}
