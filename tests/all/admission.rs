//! What is refused before any of it is compiled or run.

use std::borrow::Cow;

use kafka_soar::{
    config::{ParserLimits, ParserSource, Policy},
    sandbox::{Cache, DEFAULT_PARSER, Refusal, Voucher, inspect},
};
use kafka_soar_tests::guests::Attack;

use crate::sandbox::{STARTED, batch, refusal};

#[test]
fn the_default_parser_imports_the_clock_of_the_poll_and_nothing_else() {
    let found = inspect(DEFAULT_PARSER, None, &Policy::default());
    assert_eq!(found.verdict, Ok(Voucher::Nobody));
    assert_eq!(found.imports, ["kafka-soar:parser/poll@1.0.0"]);
    assert_eq!(found.contract_version.as_deref(), Some("1.0.0"));
    assert_eq!(found.pure(), Some(false));
}

#[test]
fn what_is_no_component_is_refused() {
    assert_eq!(refusal(b""), Refusal::Empty);
    assert!(matches!(
        refusal(b"def parse_messages(topic, messages):"),
        Refusal::NotWasm { .. }
    ));
    assert!(matches!(refusal(b"\0as"), Refusal::NotWasm { .. }));
    assert_eq!(
        refusal(&wat::parse_str("(module)").unwrap()),
        Refusal::CoreModule
    );
    let large = vec![0; (64 << 20) + 1];
    assert!(matches!(refusal(&large), Refusal::TooLarge { .. }));
}

#[test]
fn a_truncated_component_is_refused_wherever_it_is_cut() {
    for length in [
        8,
        9,
        100,
        1_000,
        DEFAULT_PARSER.len() / 2,
        DEFAULT_PARSER.len() - 1,
    ] {
        let refusal = refusal(&DEFAULT_PARSER[..length]);
        assert!(
            matches!(refusal, Refusal::Invalid(_) | Refusal::NotAParser { .. }),
            "{length}: {refusal:?}"
        );
    }
}

#[test]
fn a_damaged_component_never_panics() {
    // Every 101st byte in turn, with all bits turned over.
    for place in (0..DEFAULT_PARSER.len()).step_by(101) {
        let mut bytes = DEFAULT_PARSER.to_vec();
        bytes[place] ^= 0xff;
        let _ = inspect(&bytes, None, &Policy::default());
    }
}

#[test]
fn native_code_is_refused() {
    let engine = wasmtime::Engine::default();
    let native = engine.precompile_component(DEFAULT_PARSER).unwrap();
    assert_eq!(refusal(&native), Refusal::Precompiled);
    let module = engine.precompile_module(b"\0asm\x01\0\0\0").unwrap();
    assert_eq!(refusal(&module), Refusal::Precompiled);
}

#[test]
fn components_of_another_world_are_refused() {
    let of = |attack: Attack| refusal(&attack.component());
    assert_eq!(
        of(Attack::WatExportsNothing),
        Refusal::NotAParser { exports: vec![] }
    );
    assert_eq!(
        of(Attack::WatVersion2),
        Refusal::Version {
            found: "2.0.0".into()
        }
    );
    assert!(matches!(of(Attack::WatWrongType), Refusal::WrongType(_)));
    assert!(
        matches!(of(Attack::WatImportsHttp), Refusal::Import { name } if name.contains("wasi:http"))
    );
    assert!(matches!(
        of(Attack::WatImportsUnknown),
        Refusal::Import { .. }
    ));
}

#[test]
fn every_refusal_says_what_was_found_and_what_to_do() {
    let cases: [(Cow<[u8]>, &str, &str); 7] = [
        (
            Vec::new().into(),
            "is empty",
            "give a WebAssembly component",
        ),
        (
            Cow::Borrowed(b"MZ\x90"),
            r"begins with MZ\x90",
            "give a component",
        ),
        (
            wat::parse_str("(module)").unwrap().into(),
            "core WebAssembly module",
            "wasm-tools component new",
        ),
        (
            Attack::WatVersion2.component(),
            "version 2.0.0",
            "build it against wit/v1",
        ),
        (
            Attack::WatImportsHttp.component(),
            "wasi:http",
            "allowed are",
        ),
        (
            Attack::WatExportsNothing.component(),
            "exports nothing",
            "world `parser`",
        ),
        (
            Attack::WatWrongType.component(),
            "does not fit",
            "world `parser`",
        ),
    ];
    for (bytes, found, remedy) in cases {
        let text = refusal(&bytes).to_string();
        assert!(text.contains(found) && text.contains(remedy), "{text}");
    }
}

/// Compiling is the slow part of loading: the second of two loads shows the cache at work by
/// leaving the file as it is.
#[test]
fn native_code_is_cached_and_loaded_again() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("cache");
    let load = || {
        let sandbox = kafka_soar_tests::sandbox(Some(Cache::open(&dir).unwrap()));
        let source = ParserSource::Default;
        let mut parser = sandbox
            .load(
                &source,
                &Policy::default(),
                &ParserLimits::default(),
                "{}",
                STARTED,
            )
            .unwrap();
        let parsed = parser.parse(&batch(&["hello"])).unwrap();
        assert_eq!(parsed.artifact_count(), 1);
    };
    load();
    let files: Vec<_> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap())
        .collect();
    assert_eq!(files.len(), 1);
    let path = files[0].path();
    let written = std::fs::metadata(&path).unwrap().modified().unwrap();
    load();
    assert_eq!(
        std::fs::metadata(&path).unwrap().modified().unwrap(),
        written
    );

    // Damaged or cut: compiled again, and replaced.
    let whole = std::fs::read(&path).unwrap();
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    for bad in [&damaged[..], &whole[..whole.len() - 1], &whole[..3], b""] {
        std::fs::write(&path, bad).unwrap();
        load();
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }
}

#[test]
fn a_cache_that_others_can_enter_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = tempfile::tempdir().unwrap();
    std::fs::set_permissions(root.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let error = Cache::open(root.path()).unwrap_err().to_string();
    assert!(
        error.contains("mode 755") && error.contains("chmod 700"),
        "{error}"
    );

    std::fs::set_permissions(root.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    Cache::open(root.path()).unwrap();

    let link = root.path().join("link");
    let inside = root.path().join("inside");
    std::fs::create_dir(&inside).unwrap();
    std::os::unix::fs::symlink(&inside, &link).unwrap();
    Cache::open(&link).unwrap_err();
}

#[test]
fn a_file_that_others_can_write_is_never_loaded() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("cache");
    let load = || {
        kafka_soar_tests::sandbox(Some(Cache::open(&dir).unwrap()))
            .load(
                &ParserSource::Default,
                &Policy::default(),
                &ParserLimits::default(),
                "{}",
                STARTED,
            )
            .unwrap();
    };
    load();
    let path = std::fs::read_dir(&dir)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    load();
    // Compiled again and put in place of the one that could have been tampered with.
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
