use std::{fs, os::unix::fs::PermissionsExt as _};

use openssl::{pkey::PKey, rsa::Rsa};

use super::*;
use crate::config::{Config, Form};

/// A folder with a policy in it.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("policy.toml")
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    }

    fn policy(&self, text: &str) -> Result<Policy, PolicyError> {
        self.write("policy.toml", text);
        Policy::find(Some(&self.path()))
    }
}

fn policy(text: &str) -> Policy {
    Place::new().policy(text).unwrap()
}

/// The faults of a policy, as a person reads them.
fn faults(text: &str) -> String {
    let error = Place::new().policy(text).unwrap_err();
    error.faults.to_string()
}

fn public(key: &PKey<openssl::pkey::Private>) -> String {
    String::from_utf8(key.public_key_to_pem().unwrap()).unwrap()
}

fn ed25519() -> String {
    public(&PKey::generate_ed25519().unwrap())
}

const DIGEST: &str = "sha256:00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";

#[test]
fn nothing_is_restricted_by_a_policy_that_says_nothing() {
    let policy = policy("version = 1");
    let rules = policy.rules().unwrap();
    assert!(rules.default_parser() && !rules.requires_both() && !rules.denies("00"));
    assert!(rules.lists("00").is_none() && rules.signers().is_none());
    assert!(rules.imports().is_none() && rules.max_size().is_none());
    assert_eq!(policy.default_limits(), ParserLimits::default());
    assert_eq!(policy.outline(), OutlineLimits::default());
    assert!(rules.admits_former("00"));
}

#[test]
fn every_field_is_taken() {
    let place = Place::new();
    let inline = ed25519();
    place.write("ci.pub", &ed25519());
    let policy = place
        .policy(&format!(
            r#"
version = 1
default_parser = false
digests = ["{DIGEST}"]
deny = ["{}"]
require = "both"
imports = ["settings", "wasi-clocks"]
max_size = 1000

[[signers]]
name = "Security engineering"
key = """{inline}"""

[[signers]]
name = "ci"
key_file = "ci.pub"

[limits]
parser_memory_limit = 67108864
parser_time_limit = 2000
parser_output_limit = 2048
parser_log_limit = 0
parser_artifact_limit = 10

[outline]
functions = 100
"#,
            "ab".repeat(32)
        ))
        .unwrap();
    let rules = policy.rules().unwrap();
    assert!(!rules.default_parser() && rules.requires_both());
    let listed = DIGEST.trim_start_matches("sha256:").to_lowercase();
    assert_eq!(rules.lists(&listed), Some(true));
    assert_eq!(rules.lists("ab"), Some(false));
    assert!(rules.denies(&"ab".repeat(32)));
    let names: Vec<_> = rules.signers().unwrap().iter().map(Signer::name).collect();
    assert_eq!(names, ["Security engineering", "ci"]);
    assert_eq!(
        Vec::from_iter(rules.imports().unwrap()),
        [&Import::Settings, &Import::WasiClocks]
    );
    assert_eq!(rules.max_size(), Some(1000));
    assert_eq!(
        policy.default_limits(),
        ParserLimits {
            memory: 64 << 20,
            time: Duration::from_secs(2),
            message_time: None,
            output: 2048,
            log: 0,
            artifacts: 10,
        }
    );
    let modest = ParserLimits {
        output: 1024,
        ..ParserLimits::default()
    };
    assert_eq!(
        policy.tighten(&modest),
        ParserLimits {
            output: 1024,
            ..policy.default_limits()
        }
    );
    assert_eq!(policy.outline().most(Measure::Functions), 100);
    assert_eq!(rules.file(), place.path().to_str().unwrap());
}

#[test]
fn faults_of_the_text_name_line_field_and_remedy() {
    for (text, said) in [
        (
            "version = 1\nmax_sise = 5",
            "line 2 (max_sise = 5): unknown field `max_sise`",
        ),
        (
            "version = 1\nmax_size = \"5\"",
            "line 2 (max_size = \"5\"): invalid type: string \"5\", expected a whole number",
        ),
        ("version = 1\nmax_size = -5", "invalid value: integer `-5`"),
        (
            "version = 1\nmax_size = 1.5",
            "invalid type: floating point",
        ),
        ("version = 1\ndefault_parser = \"no\"", "expected a boolean"),
        ("version = 1\ndigests = [5]", "expected a string"),
        (
            "version = 1\nrequire = \"all\"",
            "unknown variant `all`, expected `either` or `both`",
        ),
        (
            "version = 1\nimports = [\"wasi-http\"]",
            "unknown variant `wasi-http`, expected one of `settings`",
        ),
        (
            "version = 1\n[limits]\nparser_memory = 5",
            "line 3 (parser_memory = 5): unknown field `parser_memory`",
        ),
        (
            "version = 1\n[outline]\nfunction = 5",
            "unknown variant `function`",
        ),
        (
            "version = 1\n[[signers]]\nkey = \"\"",
            "missing field `name`",
        ),
        (
            "version = 1\n[[signers]]\nname = \"a\"\nmail = \"b\"",
            "unknown field `mail`",
        ),
        (
            "version = 1\nversion = 1",
            "line 2 (version = 1): duplicate key",
        ),
        ("version = 1\ndigests = [", "line 2"),
        ("version = ", "line 1"),
    ] {
        let found = faults(text);
        assert!(found.contains(said), "{text}\n{found}");
        assert!(
            found.contains("\n  → correct it; docs/policy.md"),
            "{found}"
        );
    }
}

#[test]
fn a_policy_says_for_which_kafka_soar_it_is() {
    assert!(faults("").starts_with("version: this field is required"));
    // Told before the fields that this version doesn't know.
    let later = faults("version = 2\nnovelty = true");
    assert!(later.starts_with("version: 2 is not a version"), "{later}");
    assert!(faults("version = \"1\"").contains("\"1\" is not a version"));
}

#[test]
fn all_faults_of_the_values_are_told_at_once() {
    let pem = ed25519();
    let rsa = public(&PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap());
    let found = faults(&format!(
        r#"
version = 1
digests = ["sha256:00", "{DIGEST}"]
deny = ["md5:{}"]
max_size = 0

[[signers]]
name = "rsa"
key = """{rsa}"""
[[signers]]
name = "two"
key = """{pem}"""
key_file = "two.pub"
[[signers]]
name = "none"
[[signers]]
name = " "
key = ""
[[signers]]
name = "lost"
key_file = "lost.pub"
[[signers]]
name = "a"
key = """{pem}"""
[[signers]]
name = "b"
key = """{pem}"""

[limits]
parser_memory_limit = 5
parser_time_limit = 3600001

[outline]
depth = 1000
"#,
        "ab".repeat(32)
    ));
    for said in [
        "digests[0]: \"sha256:00\" is no digest",
        "deny[0]: \"md5:ab",
        "max_size: 0 is out of range\n  → give bytes, 1 to 67108864",
        "signers[0].key: it is a key of the wrong kind (RSA, 2048 bits)\n  → give an Ed25519 key",
        "signers[1].key: \"two\" has key and key_file",
        "signers[2].key: \"none\" has no key",
        "signers[3].name: \"\" is no name",
        "lost.pub: it is not there",
        "signers[6]: the name or the key of \"a\" once more",
        "limits.parser_memory_limit: 5 is out of range\n  → give bytes, 1048576 to 4294967296",
        "limits.parser_time_limit: 3600001 is out of range\n  → give milliseconds, 10 to 3600000",
        "outline.depth: 1000 is more than the 16",
    ] {
        assert!(found.contains(said), "{said}\n{found}");
    }
    assert_eq!(found.matches('→').count(), 12, "{found}");
}

#[test]
fn a_list_of_no_signers_is_a_fault() {
    assert!(faults("version = 1\nsigners = []").starts_with("signers: the list is empty"));
}

#[test]
fn both_needs_both_lists() {
    let both = "version = 1\nrequire = \"both\"\ndigests = []";
    assert!(faults(both).starts_with("require: \"both\" without both lists"));
}

#[test]
fn a_policy_that_is_named_must_be_there() {
    let error = Policy::find(Some(Path::new("no/policy.toml"))).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the policy no/policy.toml can't be used\n\n"),
        "{error}"
    );
    assert!(error.faults.to_string().contains("is not there"), "{error}");
}

#[test]
fn the_policy_of_the_system_is_used_if_there_is_one() {
    let place = Place::new();
    let find = || Policy::find_at(None, &place.path());
    assert!(find().unwrap().rules().is_none());
    place.write("policy.toml", "version = 1\nmax_size = 7");
    assert_eq!(find().unwrap().rules().unwrap().max_size(), Some(7));
    // One that can't be used is not none.
    place.write("policy.toml", "version = 0");
    find().unwrap_err();
    fs::remove_file(place.path()).unwrap();
    std::os::unix::fs::symlink("gone", place.path()).unwrap();
    find().unwrap_err();
}

#[test]
fn what_others_can_write_decides_nothing() {
    let place = Place::new();
    place.policy("version = 1").unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o664)).unwrap();
    let said = Policy::find(Some(&place.path()))
        .unwrap_err()
        .faults
        .to_string();
    assert!(
        said.contains("written by others (mode 664)\n  → chmod go-w "),
        "{said}"
    );

    place.write("s.pub", &ed25519());
    fs::set_permissions(
        place.0.path().join("s.pub"),
        fs::Permissions::from_mode(0o666),
    )
    .unwrap();
    let signer = "version = 1\n[[signers]]\nname = \"s\"\nkey_file = \"s.pub\"";
    let said = place.policy(signer).unwrap_err().faults.to_string();
    assert!(said.starts_with("signers[0].key_file: "), "{said}");
    assert!(said.contains("written by others (mode 666)"), "{said}");
}

fn asset(policy: &Policy, fields: &str) -> Result<Config, Faults> {
    let text = format!(r#"{{"hosts": "h", "topic": "t", "timeout": 1{fields}}}"#);
    Form::parse(&text)?.check(policy)
}

#[test]
fn an_asset_may_tighten_and_not_loosen() {
    let policy =
        policy("version = 1\n[limits]\nparser_time_limit = 2000\nparser_log_limit = 100000");
    // Says nothing: the smaller of default and ceiling.
    let limits = asset(&policy, "").unwrap().limits;
    assert_eq!(limits.time, Duration::from_secs(2));
    assert_eq!(limits.log, ParserLimits::default().log);
    assert_eq!(limits.memory, ParserLimits::default().memory);

    let tightened = asset(&policy, r#", "parser_time_limit": 1999"#).unwrap();
    assert_eq!(tightened.limits.time, Duration::from_millis(1999));
    asset(&policy, r#", "parser_time_limit": 2000"#).unwrap();
    // Above the default and below the ceiling is the asset's to choose.
    asset(&policy, r#", "parser_log_limit": 100000"#).unwrap();

    let said = asset(&policy, r#", "parser_time_limit": 2001"#)
        .unwrap_err()
        .to_string();
    let file = policy.rules().unwrap().file();
    assert_eq!(
        said,
        format!(
            "parser_time_limit: 2001 milliseconds are more than the 2000 that the policy {file} \
             allows (limits.parser_time_limit)\n  → give 2000 or less; without the field it is 2000"
        )
    );
    asset(&policy, r#", "parser_log_limit": 100001"#).unwrap_err();
    // Without a policy it may.
    asset(&Policy::default(), r#", "parser_time_limit": 2001"#).unwrap();
}

#[test]
fn former_parsers_run_if_their_digest_alone_admits_them() {
    let digest = DIGEST.trim_start_matches("sha256:").to_lowercase();
    let admits = |text: &str| {
        let policy = policy(&format!("version = 1\n{text}"));
        policy.rules().unwrap().admits_former(&digest)
    };
    let listed = format!("digests = [\"{DIGEST}\"]\n");
    let signers = format!(
        "[[signers]]\nname = \"s\"\nkey = \"\"\"{}\"\"\"\n",
        ed25519()
    );
    assert!(admits(&listed));
    assert!(admits(&format!("{listed}{signers}")));
    assert!(admits("[limits]\nparser_log_limit = 0"));
    assert!(!admits("digests = []"));
    assert!(!admits(&signers));
    assert!(!admits(&format!("require = \"both\"\n{listed}{signers}")));
    assert!(!admits(&format!("deny = [\"{DIGEST}\"]\n{listed}")));
    assert!(!admits("default_parser = false"));
    for unknown in ["imports = []", "max_size = 5", "[outline]\ndepth = 1"] {
        assert!(!admits(&format!("{listed}{unknown}")), "{unknown}");
    }
}
