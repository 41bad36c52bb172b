//! `parser sign`, and the same with openssl alone.

use std::os::unix::fs::PermissionsExt as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kafka_soar::sandbox::Voucher;
use kafka_soar_tests::guests;

use super::{Place, digest, signer};

fn place() -> Place {
    let place = Place::new();
    place.write("p.wasm", guests::text("pure"));
    place.keys("ci");
    place
}

/// The line that is signed, in the file `message`.
fn message(place: &Place) {
    let line = format!("kafka-soar parser {}\n", digest(&guests::text("pure")));
    place.write("message", line);
}

#[test]
fn openssl_verifies_what_the_command_signs() {
    let place = place();
    let ran = place.run(&["parser", "sign", "p.wasm", "--key", "ci.pem", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let outcome = ran.json();
    assert_eq!(outcome["digest"], digest(&guests::text("pure")));
    assert_eq!(outcome["signature"], "p.wasm.sig");

    let line = std::fs::read_to_string(place.path("p.wasm.sig")).unwrap();
    place.write("raw", STANDARD.decode(line.trim_end()).unwrap());
    message(&place);
    let said =
        place.openssl("pkeyutl -verify -pubin -inkey ci.pub -rawin -in message -sigfile raw");
    assert!(said.contains("Verified Successfully"), "{said}");
    // Whoever runs kafka-soar must be able to read it.
    let metadata = std::fs::metadata(place.path("p.wasm.sig")).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o644);
}

#[test]
fn what_openssl_signs_is_accepted() {
    let place = place();
    message(&place);
    place.openssl("pkeyutl -sign -inkey ci.pem -rawin -in message -out raw");
    place.openssl("base64 -A -in raw -out p.wasm.sig");
    let found = place.inspected("p.wasm", &signer("ci"));
    assert_eq!(found.verdict, Ok(Voucher::Signed("ci".into())));
}

/// The commands of docs/policy.md, as they stand there, in a shell.
#[test]
fn the_commands_of_the_documentation_work() {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/policy.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let (_, after) = docs
        .split_once("<!-- signed with openssl alone -->")
        .unwrap();
    let script = after.split("```").nth(1).unwrap();
    let script = script.strip_prefix("sh\n").unwrap();
    let place = Place::new();
    place.write("parser.wasm", guests::text("pure"));
    let mut shell = std::process::Command::new("bash");
    let ran = place.output(shell.args(["-euc", script]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    place.chmod("signer.pub", 0o644);
    let found = place.inspected("parser.wasm", &signer("signer"));
    assert_eq!(found.verdict, Ok(Voucher::Signed("signer".into())));
}

#[test]
fn the_signature_may_go_elsewhere() {
    let place = place();
    let words = [
        "parser", "sign", "p.wasm", "--key", "ci.pem", "--output", "s",
    ];
    let ran = place.run(&words);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(
        ran.stdout,
        format!("signed {} in s\n", digest(&guests::text("pure")))
    );
    assert!(place.path("s").exists() && !place.path("p.wasm.sig").exists());
}

#[test]
fn a_key_that_others_can_read_signs_nothing() {
    let place = place();
    place.chmod("ci.pem", 0o640);
    let ran = place.run(&["parser", "sign", "p.wasm", "--key", "ci.pem"]);
    assert_eq!(ran.code, Some(64));
    assert!(
        ran.stderr
            .contains("the key ci.pem: others than its owner can use it (mode 640)"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("hint: chmod 600"), "{}", ran.stderr);
    assert!(!place.path("p.wasm.sig").exists());
}

#[test]
fn only_an_ed25519_private_key_signs() {
    let place = place();
    place.openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem");
    place.openssl("genpkey -algorithm ed25519 -aes256 -pass pass:x -out locked.pem");
    place.write("none.pem", "nothing");
    for key in ["rsa.pem", "locked.pem", "none.pem", "ci.pub"] {
        place.chmod(key, 0o600);
    }
    for (key, why) in [
        ("rsa.pem", "it is not an Ed25519 key"),
        ("locked.pem", "it is encrypted"),
        ("none.pem", "it is not a private key in PEM"),
        ("ci.pub", "it is not a private key in PEM"),
        ("gone.pem", "can't be read"),
        (".", "it is not a file"),
    ] {
        let ran = place.run(&["parser", "sign", "p.wasm", "--key", key]);
        assert_eq!(ran.code, Some(64), "{key}");
        assert!(
            ran.stderr.contains(why) && ran.stderr.contains("hint: "),
            "{}",
            ran.stderr
        );
        assert!(!ran.stderr.contains("BEGIN"), "{}", ran.stderr);
    }
}

#[test]
fn only_a_component_is_signed() {
    let place = place();
    place.write("module.wasm", b"\0asm\x01\0\0\0");
    let ran = place.run(&["parser", "sign", "module.wasm", "--key", "ci.pem"]);
    assert_eq!(ran.code, Some(65));
    assert!(
        ran.stderr.contains("a core WebAssembly module"),
        "{}",
        ran.stderr
    );
}
