//! `parser push` and `pull`, with the registry that Debian has.

use std::{
    fs,
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use kafka_soar_tests::{
    guests,
    testbed::{closed_port, eventually},
};
use tempfile::TempDir;
use walkdir::WalkDir;

use super::parser;
use crate::policy::{Place, Ran, digest};

/// A registry on this machine. It ends when this is dropped.
struct Registry {
    process: Child,
    folder: TempDir,
    port: u16,
}

/// The user `team`, with a password for these tests.
const USERS: &str = "team:$2a$04$oQY4pIq/XC6.b4l/QnWt9eWO8kK30lzDulNOM/BVwOWKAw7IBhzm.\n";
const PASSWORD: &str = "only-for-tests";

impl Registry {
    fn start(login: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = closed_port();
        let here = folder.path().display().to_string();
        let mut config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {here}/data}}}}\n\
             http: {{addr: '127.0.0.1:{port}'}}\n"
        );
        if login {
            fs::write(folder.path().join("users"), USERS).expect("written");
            config.push_str("auth: {htpasswd: {realm: tests, path: ");
            config.push_str(&here);
            config.push_str("/users}}\n");
        }
        fs::write(folder.path().join("config.yml"), config).expect("written");
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(folder.path().join("config.yml"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("docker-registry is there: .ci/setup test installs it");
        eventually("the registry answers", || {
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        Self {
            process,
            folder,
            port,
        }
    }

    fn at(&self, name: &str) -> String {
        format!("localhost:{}/{name}", self.port)
    }

    /// The file with the bytes that have this digest.
    fn blob(&self, digest: &str) -> PathBuf {
        let hex = digest.strip_prefix("sha256:").expect("a digest");
        let data = WalkDir::new(self.folder.path().join("data"));
        let mut files = data
            .into_iter()
            .map(|entry| entry.expect("readable").into_path());
        files
            .find(|path| path.ends_with(format!("blobs/sha256/{}/{hex}/data", &hex[..2])))
            .expect("it was pushed")
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn push(place: &Place, file: &str, to: &str) -> Ran {
    parser(place, &["push", file, to, "--plain-http", "--json"])
}

fn pull(place: &Place, from: &str, output: &str) -> Ran {
    parser(
        place,
        &["pull", from, "--plain-http", "--output", output, "--json"],
    )
}

fn place() -> Place {
    let place = Place::new();
    place.write("p.wasm", guests::DEFAULT_PARSER);
    place
}

#[test]
fn what_is_pushed_is_pulled_to_the_byte_with_its_signature() {
    let registry = Registry::start(false);
    let place = place();
    place.keys("ci");
    place.sign("p.wasm", "ci.pem");
    let ran = push(&place, "p.wasm", &registry.at("soc/mine:1"));
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let pushed = ran.json();
    assert_eq!(pushed["digest"], digest(guests::DEFAULT_PARSER));
    assert_eq!(pushed["signed"], true);
    let reference = pushed["reference"].as_str().unwrap();
    assert!(
        reference.starts_with(&registry.at("soc/mine@sha256:")),
        "{reference}"
    );
    // The same again is the same artifact, whatever the tag.
    let again = push(&place, "p.wasm", &registry.at("soc/mine:2"));
    assert_eq!(again.json()["reference"], reference);

    let ran = pull(&place, reference, "q.wasm");
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let pulled = ran.json();
    assert_eq!(pulled["digest"], pushed["digest"]);
    assert_eq!(pulled["signature"], "q.wasm.sig");
    assert_eq!(
        fs::read(place.path("q.wasm")).unwrap(),
        guests::DEFAULT_PARSER
    );
    let ran = parser(&place, &["verify", "q.wasm", "--key", "ci.pub"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    // Once more is no harm.
    assert_eq!(pull(&place, reference, "q.wasm").code, Some(0));
    // Without a name it is the repository's.
    let ran = parser(&place, &["pull", reference, "--plain-http"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(place.path("mine.wasm").is_file() && place.path("mine.wasm.sig").is_file());
}

#[test]
fn a_tag_is_not_pulled_but_told_what_it_is() {
    let registry = Registry::start(false);
    let place = place();
    let reference = push(&place, "p.wasm", &registry.at("mine:1")).json()["reference"].take();
    let ran = parser(&place, &["pull", &registry.at("mine:1"), "--plain-http"]);
    assert_eq!(ran.code, Some(64));
    let hint = format!("at this moment it is {}", reference.as_str().unwrap());
    assert!(ran.stderr.contains(&hint), "{}", ran.stderr);
    assert!(!place.path("mine.wasm").exists());
}

#[test]
fn what_a_registry_gives_instead_is_not_taken() {
    let registry = Registry::start(false);
    let place = place();
    let pushed = push(&place, "p.wasm", &registry.at("mine:1")).json();
    let reference = pushed["reference"].as_str().unwrap();
    let component = registry.blob(pushed["digest"].as_str().unwrap());
    let mut bytes = guests::DEFAULT_PARSER.to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(component, bytes).unwrap();
    let ran = pull(&place, reference, "q.wasm");
    assert_eq!(ran.code, Some(74), "{}", ran.stdout);
    assert!(!place.path("q.wasm").exists());

    let (_, manifest) = reference.split_once('@').unwrap();
    let path = registry.blob(manifest);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text + " ").unwrap();
    let ran = pull(&place, reference, "q.wasm");
    assert_eq!(ran.code, Some(74), "{}", ran.stdout);
    assert!(!place.path("q.wasm").exists());

    let unknown = registry.at(&format!("mine@sha256:{}", "0".repeat(64)));
    assert_eq!(pull(&place, &unknown, "q.wasm").code, Some(74));
}

#[test]
fn a_file_that_is_there_is_kept() {
    let registry = Registry::start(false);
    let place = place();
    let pushed = push(&place, "p.wasm", &registry.at("mine:1")).json();
    let reference = pushed["reference"].as_str().unwrap();
    place.write("q.wasm", "mine");
    place.write("r.wasm.sig", "of another component");
    for (output, there) in [("q.wasm", "q.wasm"), ("r.wasm", "r.wasm.sig")] {
        let ran = pull(&place, reference, output);
        assert_eq!(ran.code, Some(74));
        let said = format!("{there} is there already, and something else");
        assert!(ran.stdout.contains(&said), "{}", ran.stdout);
    }
    assert_eq!(fs::read_to_string(place.path("q.wasm")).unwrap(), "mine");
    assert!(!place.path("r.wasm").exists());
}

#[test]
fn a_registry_may_want_a_login() {
    let registry = Registry::start(true);
    let place = place();
    let to = registry.at("mine:1");
    let ran = push(&place, "p.wasm", &to);
    assert_eq!(ran.code, Some(74));
    assert!(
        ran.stdout.contains("KAFKA_SOAR_REGISTRY_PASSWORD"),
        "{}",
        ran.stdout
    );
    let words = [
        "parser",
        "push",
        "p.wasm",
        &to,
        "--plain-http",
        "--user",
        "team",
        "--json",
    ];
    let mut command = Place::command(&words);
    let ran = place.output(command.env_remove("KAFKA_SOAR_REGISTRY_PASSWORD"));
    assert_eq!(ran.code, Some(64), "{}", ran.stdout);
    for (password, code) in [("wrong", 74), (PASSWORD, 0)] {
        let ran = place.output(command.env("KAFKA_SOAR_REGISTRY_PASSWORD", password));
        assert_eq!(ran.code, Some(code), "{}", ran.stdout);
        assert!(!ran.stdout.contains(password), "{}", ran.stdout);
    }
}

#[test]
fn what_can_not_be_pushed_is_told_before_any_registry_is_asked() {
    let place = place();
    place.write("module.wasm", b"\0asm\x01\0\0\0");
    place.write("none.wasm", guests::text("exports-nothing"));
    let digest = format!("localhost:1/mine@sha256:{}", "0".repeat(64));
    for (words, code, said) in [
        (
            &["module.wasm", "localhost:1/mine:1"][..],
            65,
            "a core WebAssembly module",
        ),
        (&["none.wasm", "localhost:1/mine:1"], 65, "none.wasm: "),
        (
            &["p.wasm", "example.com/mine:1", "--plain-http"],
            64,
            "on this machine, and example.com isn't",
        ),
        (
            &["p.wasm", "localhost:1/Mine::1"],
            64,
            "names no place in a registry",
        ),
        (
            &["p.wasm", &digest],
            64,
            "a digest is what comes of pushing",
        ),
    ] {
        let ran = parser(&place, &[&["push"], words].concat());
        assert_eq!(ran.code, Some(code), "{words:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    let nobody = format!("localhost:{}/mine:1", closed_port());
    let begun = std::time::Instant::now();
    let ran = parser(&place, &["push", "p.wasm", &nobody, "--plain-http"]);
    assert_eq!(ran.code, Some(74));
    assert!(ran.stderr.contains("refused"), "{}", ran.stderr);
    assert!(begun.elapsed() < Duration::from_secs(20));
}
