//! `parser inspect`: what it shows and how it ends.

use kafka_soar::sandbox::DEFAULT_PARSER;
use kafka_soar_tests::guests;
use serde_json::{Value, json};

use super::{Place, digest, signer};

fn place() -> Place {
    let place = Place::new();
    place.write("p.wasm", guests::text("pure"));
    place
}

fn inspect(place: &Place, file: &str, more: &[&str]) -> (Option<i32>, Value) {
    let ran = place.run(&[&["parser", "inspect", file, "--json"], more].concat());
    assert_eq!(
        ran.stdout.lines().count(),
        1,
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    (ran.code, ran.json())
}

#[test]
fn a_pure_parser_is_shown_as_one() {
    let (code, found) = inspect(&place(), "p.wasm", &[]);
    let bytes = guests::text("pure");
    assert_eq!(code, Some(0), "{found}");
    assert_eq!(found["file"], "p.wasm");
    assert_eq!(found["digest"], digest(&bytes));
    assert_eq!(found["size"], bytes.len());
    assert_eq!(found["contract_version"], "1.0.0");
    assert_eq!(found["imports"], json!([]));
    assert_eq!(
        found["exports"],
        json!(["kafka-soar:parser/message-parser@1.0.0"])
    );
    assert_eq!(
        (&found["pure"], &found["reach"]),
        (&json!(true), &json!({}))
    );
    assert_eq!(found["language"], "unknown");
    assert_eq!(found["inside"]["modules"], 1);
    assert_eq!(found["inside"]["components"], 1);
    assert_eq!(found["signature"], json!({"state": "none"}));
    assert_eq!(found["policy"], Value::Null);
    assert_eq!(
        found["verdict"],
        json!({"admitted": true, "rule": "none", "reason": "there is no policy"})
    );
    assert!(found["load_ms"].is_u64());
}

#[test]
fn what_a_parser_was_made_with_is_told() {
    let place = Place::new();
    // An adapter in Rust, and a parser in C with more code.
    let component = |library: &str| {
        wat::parse_str(format!(
            r#"(component
              (core module
                (@producers (language "Rust" "") (processed-by "rustc" "1.75.0"))
                (func))
              (core module
                (@producers (language "C11" "") (processed-by "clang" "19.1"))
                {library}
                (func nop nop) (func nop nop)))"#
        ))
        .unwrap()
    };
    place.write("c.wasm", component(""));
    let (_, found) = inspect(&place, "c.wasm", &[]);
    assert_eq!(found["language"], "C");
    assert_eq!(
        found["producers"],
        json!({
            "language": {"C11": "", "Rust": ""},
            "processed-by": {"clang": "19.1", "rustc": "1.75.0"},
            "sdk": {},
            "libraries": [],
        })
    );
    let python = r#"(@dylink.0 (needed "libc.so" "libcomponentize_py_runtime.so"))"#;
    place.write("py.wasm", component(python));
    let (_, found) = inspect(&place, "py.wasm", &[]);
    assert_eq!(found["language"], "Python (componentize-py)");
}

#[test]
fn what_a_parser_can_do_is_told() {
    let place = Place::new();
    place.write("p.wasm", DEFAULT_PARSER);
    let (code, found) = inspect(&place, "p.wasm", &[]);
    assert_eq!(code, Some(0));
    assert_eq!(found["imports"], json!(["kafka-soar:parser/poll@1.0.0"]));
    assert_eq!(found["language"], "Rust");
    assert_eq!(found["pure"], false);
    assert_eq!(found["reach"], json!({"poll": "learn when the poll began"}));
}

#[test]
fn a_refused_parser_is_shown_all_the_same() {
    let place = place();
    place.keys("ci");
    place.keys("ops");
    place.sign("p.wasm", "ops.pem");
    place.policy(&signer("ci"));
    let policy = ["--policy", "policy.toml"];
    let (code, found) = inspect(&place, "p.wasm", &policy);
    assert_eq!(code, Some(65));
    assert_eq!(found["verdict"]["admitted"], false);
    assert_eq!(found["verdict"]["rule"], "signers");
    assert_eq!(found["policy"], "policy.toml");
    assert_eq!(found["signature"]["state"], "invalid");
    assert_eq!(found["contract_version"], "1.0.0");
    assert_eq!(found["load_ms"], Value::Null);

    let ran = place.run(&["parser", "inspect", "p.wasm", "--policy", "policy.toml"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(65), ""));
    for part in [
        "verdict",
        "refused (rule: signers)",
        "invalid: it is not by ci",
        "pure",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }

    // A signature from elsewhere takes the place of the one beside it.
    place.sign("p.wasm", "ops.pem");
    place.run(&[
        "parser", "sign", "p.wasm", "--key", "ci.pem", "--output", "ci.sig",
    ]);
    let (code, found) = inspect(
        &place,
        "p.wasm",
        &[&policy[..], &["--signature", "ci.sig"]].concat(),
    );
    assert_eq!(code, Some(0), "{found}");
    assert_eq!(
        found["signature"],
        json!({"state": "valid", "from": "ci.sig", "by": "ci"})
    );
    assert_eq!(found["verdict"]["reason"], "it is signed by ci");
}

#[test]
fn whatever_a_file_is_there_is_something_to_show() {
    let place = Place::new();
    let text = "some other text\n";
    place.write("other.txt", text);
    place.write("module.wasm", b"\0asm\x01\0\0\0");
    place.write("wrong.wasm", guests::text("wrong-type"));
    place.write("http.wasm", guests::text("imports-http"));
    place.write("cut.wasm", &DEFAULT_PARSER[..1000]);
    for (file, rule, said) in [
        ("other.txt", "kind", "not a WebAssembly file"),
        ("module.wasm", "kind", "a core WebAssembly module"),
        ("wrong.wasm", "contract", "does not fit the contract"),
        ("http.wasm", "imports", "wasi:http"),
        ("cut.wasm", "validity", "truncated"),
    ] {
        let (code, found) = inspect(&place, file, &[]);
        assert_eq!(code, Some(65), "{file}");
        assert_eq!(found["verdict"]["rule"], rule, "{found}");
        let reason = found["verdict"]["reason"].as_str().unwrap();
        assert!(reason.contains(said), "{reason}");
        assert!(found["digest"].as_str().unwrap().starts_with("sha256:"));
    }
    let (_, other) = inspect(&place, "other.txt", &[]);
    assert_eq!(
        (&other["size"], &other["pure"], &other["kind"]),
        (&json!(text.len()), &Value::Null, &json!("other"))
    );

    let script = "def parse_messages(topic, messages):\n    return []\n";
    place.write("script.py", script);
    let (code, found) = inspect(&place, "script.py", &[]);
    assert_eq!(code, Some(0), "{found}");
    assert_eq!(
        (&found["size"], &found["pure"], &found["kind"]),
        (&json!(script.len()), &json!(false), &json!("script"))
    );

    let gone = place.run(&["parser", "inspect", "gone.wasm"]);
    assert_eq!(gone.code, Some(64));
    assert!(
        gone.stderr.contains("gone.wasm: no such file"),
        "{}",
        gone.stderr
    );
}

/// Names of imports and producers are the component's to choose.
#[test]
fn what_a_component_says_can_not_act_on_the_terminal() {
    let mut bytes = wat::parse_str(
        r#"(component
          (import "kafka-soar:parser/log@1.0.0" (instance))
          (core module (func (export "\1b[2J"))))"#,
    )
    .unwrap();
    // A custom section "producers" with a tool of escapes and more text than anyone reads.
    let name = format!("\u{1b}[31m\nforged{}", "x".repeat(300));
    let mut data = vec![9];
    data.extend(b"producers");
    data.extend([1, 12]);
    data.extend(b"processed-by");
    data.push(1);
    leb(&mut data, name.len());
    data.extend(name.bytes());
    data.extend([1, b'1']);
    bytes.push(0);
    leb(&mut bytes, data.len());
    bytes.extend(data);
    let place = Place::new();
    place.write("p.wasm", bytes);
    for more in [&[][..], &["--json"]] {
        let ran = place.run(&[&["parser", "inspect", "p.wasm"], more].concat());
        assert_eq!(ran.code, Some(65));
        assert!(!ran.stdout.contains('\u{1b}'), "{:?}", ran.stdout);
        assert!(ran.stdout.contains("forged"), "{}", ran.stdout);
        assert!(!ran.stdout.contains("\nforged"), "{}", ran.stdout);
        assert!(!ran.stdout.contains(&"x".repeat(101)), "{}", ran.stdout);
    }
}

fn leb(bytes: &mut Vec<u8>, mut number: usize) {
    loop {
        let byte = u8::try_from(number & 0x7f).unwrap();
        number >>= 7;
        if number == 0 {
            bytes.push(byte);
            return;
        }
        bytes.push(byte | 0x80);
    }
}
