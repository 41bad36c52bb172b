//! Each rule of a policy, obeyed and violated.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kafka_soar::{
    config::{ParserLimits, ParserSource, Policy, Signature, Signer},
    sandbox::{DEFAULT_PARSER, LoadError, Refusal, Signed, Voucher},
};
use kafka_soar_tests::guests;

use super::{Place, digest, signer};
use crate::sandbox::{STARTED, sandbox};

/// A place with a component that breaks no rule, its digest, and the keys of two signers.
fn place() -> (Place, String) {
    let place = Place::new();
    let bytes = guests::text("pure");
    place.write("p.wasm", &bytes);
    place.keys("ci");
    place.keys("ops");
    (place, digest(&bytes))
}

fn verdict(place: &Place, rules: &str) -> Result<Voucher, Refusal> {
    place.inspected("p.wasm", rules).verdict
}

/// The rule that refuses `p.wasm`, and what is said.
fn refused(place: &Place, rules: &str) -> (String, String) {
    let refusal = verdict(place, rules).expect_err("refused");
    let said = refusal.to_string();
    let policy = place.path("policy.toml");
    assert!(said.contains(policy.to_str().unwrap()), "{said}");
    (refusal.rule(), said)
}

#[test]
fn a_policy_that_asks_nobody_admits_what_fits() {
    let (place, _) = place();
    assert_eq!(verdict(&place, ""), Ok(Voucher::Nobody));
}

#[test]
fn only_listed_digests_run() {
    let (place, digest) = place();
    let listed = format!("digests = [\"{digest}\"]");
    assert_eq!(verdict(&place, &listed), Ok(Voucher::Listed));
    let bare = listed.replace("sha256:", "").to_uppercase();
    let bare = bare.replace("DIGESTS", "digests");
    assert_eq!(verdict(&place, &bare), Ok(Voucher::Listed));

    let (rule, said) = refused(&place, "digests = []");
    assert_eq!(rule, "digests");
    assert!(
        said.contains(&digest) && said.contains("have it added"),
        "{said}"
    );
}

#[test]
fn a_denied_digest_never_runs() {
    let (place, digest) = place();
    place.sign("p.wasm", "ci.pem");
    let vouched = format!(
        "digests = [\"{digest}\"]\ndeny = [\"{digest}\"]\n{}",
        signer("ci")
    );
    assert_eq!(refused(&place, &vouched).0, "deny");
    let another = format!("deny = [\"{}\"]", "ab".repeat(32));
    assert_eq!(verdict(&place, &another), Ok(Voucher::Nobody));
}

#[test]
fn only_what_a_signer_signed_runs() {
    let (place, _) = place();
    let rules = format!("{}{}", signer("ops"), signer("ci"));
    let (rule, said) = refused(&place, &rules);
    assert_eq!(rule, "signers");
    assert!(
        said.contains("no signature") && said.contains("ops or ci"),
        "{said}"
    );

    place.sign("p.wasm", "ci.pem");
    assert_eq!(verdict(&place, &rules), Ok(Voucher::Signed("ci".into())));
    // Signed, but by nobody of these.
    let (rule, said) = refused(&place, &signer("ops"));
    assert_eq!(rule, "signers");
    assert!(said.contains("it is not by ops for sha256:"), "{said}");
}

#[test]
fn a_signature_is_for_one_file() {
    let (place, _) = place();
    place.write("other.wasm", guests::text("result-outside-memory"));
    place.sign("other.wasm", "ci.pem");
    std::fs::rename(place.path("other.wasm.sig"), place.path("p.wasm.sig")).unwrap();
    let (rule, said) = refused(&place, &signer("ci"));
    assert_eq!(rule, "signers");
    assert!(said.contains("sign this very file"), "{said}");
}

#[test]
fn what_is_no_signature_admits_nothing() {
    let (place, _) = place();
    place.sign("p.wasm", "ci.pem");
    let whole = std::fs::read_to_string(place.path("p.wasm.sig")).unwrap();
    assert_eq!(whole.len(), 89, "a line of base64: {whole:?}");
    for (bad, why) in [
        ("", "it is empty"),
        ("no signature", "not one line of base64"),
        (&whole[..60], "it has 45 bytes"),
        (&whole[..87], "not one line of base64"),
        (&STANDARD.encode([0; 65]), "it has 65 bytes"),
        (&STANDARD.encode([0; 64]), "it is not by ci"),
    ] {
        place.write("p.wasm.sig", bad);
        let (rule, said) = refused(&place, &signer("ci"));
        assert_eq!(rule, "signers");
        assert!(
            said.contains(why) && said.contains("p.wasm.sig"),
            "{bad:?}: {said}"
        );
    }
    // Whoever asks for no signature is not troubled by one.
    assert_eq!(verdict(&place, ""), Ok(Voucher::Nobody));
}

#[test]
fn either_list_will_do_unless_both_are_required() {
    let (place, digest) = place();
    let listed = format!("digests = [\"{digest}\"]\n");
    let unlisted = "digests = []\n";
    let ci = signer("ci");
    assert_eq!(
        verdict(&place, &format!("{listed}{ci}")),
        Ok(Voucher::Listed)
    );
    assert_eq!(refused(&place, &format!("{unlisted}{ci}")).0, "signers");
    let both = |list: &str| format!("require = \"both\"\n{list}{ci}");
    assert_eq!(refused(&place, &both(&listed)).0, "signers");
    assert_eq!(refused(&place, &both(unlisted)).0, "digests");

    place.sign("p.wasm", "ci.pem");
    let signed = Ok(Voucher::Signed("ci".into()));
    assert_eq!(verdict(&place, &format!("{unlisted}{ci}")), signed);
    assert_eq!(
        verdict(&place, &both(&listed)),
        Ok(Voucher::ListedAndSigned("ci".into()))
    );
    assert_eq!(refused(&place, &both(unlisted)).0, "digests");
}

#[test]
fn the_default_parser_is_the_policys_to_switch_off() {
    let place = Place::new();
    let load = |policy: &Policy| {
        let source = ParserSource::Default;
        let loaded = sandbox().load(&source, policy, &ParserLimits::default(), "{}", STARTED);
        loaded.map(|_| ()).map_err(|error| match error {
            LoadError::Refused { refusal, .. } => refusal.rule(),
            LoadError::Engine(why) => panic!("{why}"),
        })
    };
    // It is part of this program: rules about components are not for it.
    let strict = "digests = []\nimports = []\nmax_size = 1\n[outline]\nfunctions = 0\n";
    load(&place.policy(strict)).unwrap();
    let off = place.policy("default_parser = false");
    assert_eq!(load(&off), Err("default_parser".into()));
    let denied = place.policy(&format!("deny = [\"{}\"]", digest(DEFAULT_PARSER)));
    assert_eq!(load(&denied), Err("deny".into()));
}

#[test]
fn imports_beyond_those_of_the_policy_are_refused() {
    let place = Place::new();
    place.write("p.wasm", DEFAULT_PARSER);
    assert_eq!(verdict(&place, "imports = [\"poll\"]"), Ok(Voucher::Nobody));
    let (rule, said) = refused(&place, "imports = [\"log\", \"settings\"]");
    assert_eq!(rule, "imports");
    assert!(said.contains("kafka-soar:parser/poll@1.0.0"), "{said}");
    assert!(said.contains("only settings, log"), "{said}");
    assert!(refused(&place, "imports = []").1.contains("but nothing"));

    place.write("p.wasm", guests::text("lists-directories"));
    assert_eq!(verdict(&place, ""), Ok(Voucher::Nobody));
    let (_, said) = refused(&place, "imports = [\"wasi-io\"]");
    assert!(said.contains("allows no wasi-filesystem"), "{said}");
    verdict(&place, "imports = [\"wasi-filesystem\"]").unwrap();

    // What isn't linked can't be allowed either.
    place.write("p.wasm", guests::text("imports-http"));
    let refusal = verdict(&place, "").unwrap_err();
    assert!(matches!(refusal, Refusal::Import { .. }), "{refusal:?}");
}

#[test]
fn size_is_limited() {
    let (place, _) = place();
    let size = guests::text("pure").len();
    verdict(&place, &format!("max_size = {size}")).unwrap();
    let (rule, said) = refused(&place, &format!("max_size = {}", size - 1));
    assert_eq!(rule, "max_size");
    assert!(said.contains(&format!("{size} bytes")), "{said}");
}

/// Whoever may not run is not even read: what is malformed is refused for its signature.
#[test]
fn vouching_comes_before_reading() {
    let place = Place::new();
    place.keys("ci");
    place.write("p.wasm", b"\0asm\x0d\0\x01\0\xff\xff\xff");
    let (rule, _) = refused(&place, &signer("ci"));
    assert_eq!(rule, "signers");
    place.sign("p.wasm", "ci.pem");
    assert_eq!(
        verdict(&place, &signer("ci")).unwrap_err().rule(),
        "validity"
    );
}

#[test]
fn the_sandbox_loads_nothing_that_is_not_admitted() {
    let (place, _) = place();
    place.sign("p.wasm", "ci.pem");
    let policy = place.policy(&signer("ci"));
    let source = |signature| ParserSource::Component {
        name: "p.wasm".into(),
        bytes: guests::text("pure"),
        signature,
    };
    let load = |source: &ParserSource| {
        sandbox().load(source, &policy, &ParserLimits::default(), "{}", STARTED)
    };
    let signature = Signature::of(&place.path("p.wasm"), None).unwrap();
    load(&source(signature)).expect("signed");
    let Err(LoadError::Refused { name, refusal }) = load(&source(None)) else {
        panic!("loaded without a signature");
    };
    assert_eq!(
        (name.as_str(), refusal.rule().as_str()),
        ("p.wasm", "signers")
    );
}

#[test]
fn what_was_found_about_a_signature_is_told_whatever_the_verdict() {
    let (place, digest) = place();
    let signed = |rules: &str| place.inspected("p.wasm", rules).signature;
    assert_eq!(signed(""), Signed::None);
    place.sign("p.wasm", "ci.pem");
    assert!(matches!(signed(""), Signed::Unchecked { .. }));
    assert!(matches!(signed(&signer("ci")), Signed::Valid { by, .. } if by == "ci"));
    let denied = format!("deny = [\"{digest}\"]\n{}", signer("ci"));
    assert!(matches!(signed(&denied), Signed::Valid { .. }));
    assert!(matches!(signed(&signer("ops")), Signed::Invalid { .. }));
}

/// The policy of docs/policy.md, as it stands there.
#[test]
fn the_example_of_the_documentation_is_a_policy() {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/policy.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let (_, after) = docs.split_once("```toml\n").unwrap();
    let (example, _) = after.split_once("```").unwrap();
    let place = Place::new();
    place.keys("security-engineering");
    let policy = place.policy(example.trim_start_matches("version = 1"));
    let signers = policy.rules().unwrap().signers().unwrap();
    let names: Vec<_> = signers.iter().map(Signer::name).collect();
    assert_eq!(names, ["Security engineering", "Release pipeline"]);
}
