//! Which scripts a policy lets run.

use std::{fs, path::Path};

use kafka_soar::{
    config::{Policy, Signature},
    sandbox::{Refusal, Signed, Voucher, inspect_script},
};
use sha2::{Digest as _, Sha256};

const SCRIPT: &str = "def parse_messages(topic, messages):\n    return []\n";

fn policy(folder: &Path, rules: &str) -> Policy {
    let path = folder.join("policy.toml");
    fs::write(&path, format!("version = 1\n{rules}\n")).expect("written");
    Policy::find(Some(&path)).unwrap_or_else(|e| panic!("{e}"))
}

fn verdict(rules: &str) -> Result<Voucher, Refusal> {
    let folder = tempfile::tempdir().expect("a folder");
    inspect_script(SCRIPT, None, &policy(folder.path(), rules)).verdict
}

fn refused(rules: &str) -> (String, String) {
    let refusal = verdict(rules).expect_err("refused");
    (refusal.rule(), refusal.to_string())
}

fn digest() -> String {
    hex::encode(Sha256::digest(SCRIPT))
}

#[test]
fn scripts_run_unless_the_policy_says_otherwise() {
    assert_eq!(verdict(""), Ok(Voucher::Nobody));
    let (rule, said) = refused("python_scripts = false");
    assert_eq!(rule, "python_scripts");
    assert!(said.contains("lets no Python script run"), "{said}");
    // Whoever vouches for it.
    let listed = format!("python_scripts = false\ndigests = [\"{}\"]", digest());
    assert_eq!(refused(&listed).0, "python_scripts");
}

#[test]
fn a_script_is_known_by_the_digest_of_its_text() {
    assert_eq!(
        verdict(&format!("digests = [\"{}\"]", digest())),
        Ok(Voucher::Listed)
    );
    assert_eq!(refused("digests = []").0, "digests");
    assert_eq!(refused(&format!("deny = [\"{}\"]", digest())).0, "deny");
    let most = SCRIPT.len();
    assert_eq!(verdict(&format!("max_size = {most}")), Ok(Voucher::Nobody));
    assert_eq!(refused(&format!("max_size = {}", most - 1)).0, "max_size");
}

#[test]
fn a_script_may_import_what_its_interpreter_imports() {
    let (rule, said) = refused("imports = []");
    assert_eq!(rule, "imports");
    assert!(
        said.contains("allowed nothing") || said.contains("but nothing"),
        "{said}"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let found = inspect_script(SCRIPT, None, &policy(folder.path(), ""));
    let names: Vec<_> = found
        .families()
        .iter()
        .map(|import| format!("\"{}\"", import.name()))
        .collect();
    assert!(names.contains(&"\"log\"".to_owned()), "{names:?}");
    let exactly = format!("imports = [{}]", names.join(", "));
    assert_eq!(verdict(&exactly), Ok(Voucher::Nobody));
    // The script itself comes through an import that no policy names and no component may have.
    assert!(
        found
            .imports
            .iter()
            .all(|name| !name.contains("python-runner"))
    );
}

#[test]
fn a_signature_is_asked_for_and_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let openssl = |arguments: &str| {
        let ran = std::process::Command::new("openssl")
            .current_dir(folder.path())
            .args(arguments.split(' '))
            .output()
            .expect("openssl runs");
        assert!(ran.status.success(), "{ran:?}");
    };
    openssl("genpkey -algorithm ed25519 -out ci.pem");
    openssl("pkey -in ci.pem -pubout -out ci.pub");
    fs::write(path("p.py"), SCRIPT).expect("written");
    let rules = "[[signers]]\nname = \"ci\"\nkey_file = \"ci.pub\"";
    let found = |signature: Option<&Signature>| {
        inspect_script(SCRIPT, signature, &policy(folder.path(), rules))
    };
    assert_eq!(found(None).verdict.unwrap_err().rule(), "signers");

    let signed = std::process::Command::new(kafka_soar_tests::binary())
        .current_dir(folder.path())
        .args(["parser", "sign", "p.py", "--key", "ci.pem"])
        .output()
        .expect("the binary runs");
    assert!(signed.status.success(), "{signed:?}");
    let signature = Signature::of(&path("p.py"), None).expect("readable");
    let found = found(signature.as_ref());
    assert!(matches!(found.signature, Signed::Valid { .. }));
    assert_eq!(found.verdict, Ok(Voucher::Signed("ci".into())));
}
