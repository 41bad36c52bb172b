//! The second wall: what is left to code that broke out of a parser's sandbox.
//!
//! [`inside`] starts this test again as a process that puts up a wall and then tries one thing.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream, UdpSocket},
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use kafka_soar::wall::{self, Landlock, Paths, VARIABLE};
use kafka_soar_tests::{guests, testbed::shared};

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::asset::{self, Asset, error, summary};

/// What the process that is started again is to try; `wall argument…`.
const TRY: &str = "KAFKA_SOAR_TEST_TRY";

/// How the system ends a process that makes a call it may not make.
const SIGSYS: i32 = 31;

#[derive(Debug, PartialEq, Eq)]
enum End {
    /// It worked.
    Done,
    /// The system said no.
    Refused,
    /// The system ended the process.
    Killed,
}

/// Tries `what` behind a wall, in a process of its own.
fn inside(wall: &str, what: &str, argument: &str) -> End {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "wall::attempt", "--nocapture"])
        .env(TRY, format!("{wall} {what} {argument}"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    match output.status.signal() {
        Some(SIGSYS) => End::Killed,
        None if text.contains("outcome: done") => End::Done,
        None if text.contains("outcome: refused") => End::Refused,
        _ => panic!("{wall} {what}: {output:?}"),
    }
}

/// The other side of [`inside`]; by itself it tries nothing.
#[test]
fn attempt() {
    let Ok(what) = env::var(TRY) else { return };
    let words: Vec<&str> = what.splitn(3, ' ').collect();
    let [wall, what, argument] = words[..] else {
        panic!("{what}")
    };
    // Opened before, as if it had been left open by mistake.
    let mut open = fs::File::open("/etc/hosts").unwrap();
    match wall {
        "parser" => {
            wall::around_parser().unwrap();
            assert!(wall::before_first_batch().unwrap());
        }
        "compiler" => assert!(wall::around_compiler().unwrap().seccomp),
        "host" => {
            let mut paths = Paths::of_system();
            if matches!(what, "write-below" | "make-node") {
                paths.writes_to(&Path::new(argument).join("state.json"));
            }
            assert!(wall::around_host(&paths).unwrap().seccomp);
        }
        _ => panic!("{wall}"),
    }
    let done = match what {
        "nothing" => true,
        "read" => fs::read(argument).is_ok(),
        "write" => fs::write(argument, "x").is_ok(),
        "write-below" => {
            let path = Path::new(argument).join("state.json");
            let new = path.with_extension("new");
            fs::write(&new, "x").is_ok() && fs::rename(&new, path).is_ok()
        }
        "list" => fs::read_dir(argument).is_ok(),
        "read-open" => open.read(&mut [0; 8]).is_ok(),
        "connect" => TcpStream::connect(argument).is_ok(),
        "listen" => TcpListener::bind("127.0.0.1:0").is_ok(),
        "udp" => UdpSocket::bind("127.0.0.1:0").is_ok(),
        "run" => Command::new("/bin/sh")
            .args(["-c", "true"])
            .status()
            .is_ok(),
        "thread" => std::thread::Builder::new().spawn(|| ()).is_ok(),
        "signal" => {
            let parent = rustix::process::getppid().unwrap();
            rustix::process::test_kill_process(parent).is_ok()
        }
        "native-code" => {
            let engine = wasmtime::Engine::default();
            let module = r#"(module (func (export "f") (result i32) i32.const 1))"#;
            let module = wat::parse_str(module).unwrap();
            wasmtime::Module::new(&engine, module).is_ok()
        }
        "look-into-parent" => {
            let parent = rustix::process::getppid().unwrap().as_raw_nonzero();
            fs::read(format!("/proc/{parent}/environ")).is_ok()
        }
        "make-node" => {
            let (kind, mode) = (FileType::Fifo, Mode::RUSR);
            mknodat(CWD, Path::new(argument).join("node"), kind, mode, 0).is_ok()
        }
        _ => panic!("{what}"),
    };
    println!("outcome: {}", if done { "done" } else { "refused" });
    std::io::stdout().flush().unwrap();
    // Whatever a test harness does afterwards may not be allowed.
    std::process::exit(0);
}

fn landlock() -> bool {
    // As the wall itself finds it.
    inside("parser", "list", "/") == End::Refused
}

#[test]
fn a_parsers_process_can_compute() {
    assert_eq!(inside("parser", "nothing", ""), End::Done);
    assert_eq!(inside("compiler", "nothing", ""), End::Done);
}

#[test]
fn a_parsers_process_has_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new");
    for wall in ["parser", "compiler"] {
        for (what, path) in [
            ("read", "/etc/passwd"),
            ("read", "/proc/self/environ"),
            ("list", "/"),
            ("write", new.to_str().unwrap()),
        ] {
            assert_ne!(inside(wall, what, path), End::Done, "{wall} {what} {path}");
        }
    }
    assert!(!new.exists());
}

#[test]
fn a_descriptor_left_open_is_of_no_use_to_a_parsers_process() {
    assert_eq!(inside("parser", "read-open", ""), End::Killed);
    assert_eq!(inside("compiler", "read-open", ""), End::Killed);
}

#[test]
fn a_parsers_process_has_no_network() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    for wall in ["parser", "compiler"] {
        for what in ["connect", "listen", "udp"] {
            assert_eq!(inside(wall, what, &address), End::Refused, "{wall} {what}");
        }
    }
}

#[test]
fn a_parsers_process_starts_nothing_and_signals_nobody() {
    assert_eq!(inside("parser", "run", ""), End::Killed);
    assert_eq!(inside("parser", "thread", ""), End::Killed);
    assert_eq!(inside("parser", "signal", ""), End::Killed);
    assert_eq!(inside("compiler", "signal", ""), End::Killed);
    assert_eq!(inside("compiler", "thread", ""), End::Done);
    assert_ne!(inside("compiler", "run", ""), End::Done);
}

#[test]
fn no_memory_becomes_executable_in_a_parsers_process() {
    assert_eq!(inside("parser", "native-code", ""), End::Killed);
    // That is what the other one is for.
    assert_eq!(inside("compiler", "native-code", ""), End::Done);
}

#[test]
fn the_connector_keeps_the_folder_that_it_writes_to_and_the_systems_files() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    assert_eq!(inside("host", "write-below", place), End::Done);
    assert!(folder.path().join("state.json").exists());
    // What resolvers and TLS read when they like.
    for path in ["/etc/hosts", "/etc/resolv.conf", "/etc/ssl/certs"] {
        let what = if Path::new(path).is_dir() {
            "list"
        } else {
            "read"
        };
        assert_eq!(inside("host", what, path), End::Done, "{path}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    assert_eq!(inside("host", "connect", &address), End::Done);
    assert_eq!(inside("host", "thread", ""), End::Done);
}

#[test]
fn the_connector_gives_up_everything_else() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    fs::write(&secret, "s").unwrap();
    if landlock() {
        let path = secret.to_str().unwrap();
        assert_eq!(inside("host", "read", path), End::Refused);
        assert_eq!(inside("host", "write", path), End::Refused);
        assert_eq!(inside("host", "run", ""), End::Refused);
        assert_eq!(inside("host", "look-into-parent", ""), End::Refused);
    }
    assert_eq!(inside("host", "listen", ""), End::Refused);
    let place = folder.path().to_str().unwrap();
    assert_eq!(inside("host", "make-node", place), End::Refused);
    assert_eq!(fs::read(&secret).unwrap(), b"s");
}

/// A poll whose parser runs for as long as it is let, and the parser's process.
struct Busy {
    poll: Child,
    parser: u32,
    asset: Asset,
}

impl Busy {
    fn start() -> Self {
        let topic = shared().topic(1);
        shared().produce(
            &topic,
            [kafka_soar_tests::testbed::Fixture::value(0, b"loop")],
        );
        let asset = Asset::new(&topic)
            .set("parser_time_limit", 3_000)
            .set("message_parser", "hostile.wasm");
        fs::write(asset.path("hostile.wasm"), guests::HOSTILE).unwrap();
        let mut poll = asset.poll();
        let poll = poll
            .env("KAFKA_SOAR_TEST_SECRET", "a secret")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let parser = child_of(poll.id());
        Self {
            poll,
            parser,
            asset,
        }
    }

    fn fact(&self, name: &str) -> String {
        let status = fs::read_to_string(format!("/proc/{}/status", self.parser)).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().to_owned()
    }
}

/// The process that runs the parser of `poll`, once it does: behind the two filters of its own wall
/// and the one that it inherits.
fn child_of(poll: u32) -> u32 {
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        let tasks = fs::read_dir(format!("/proc/{poll}/task")).expect("the poll runs");
        for task in tasks.flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            for child in children.split_whitespace() {
                let line = fs::read(format!("/proc/{child}/cmdline")).unwrap_or_default();
                let status =
                    fs::read_to_string(format!("/proc/{child}/status")).unwrap_or_default();
                if line == b"kafka-soar\0sandbox\0run\0" && status.contains("Seccomp_filters:\t3") {
                    return child.parse().unwrap();
                }
            }
        }
        assert!(Instant::now() < until, "no parser is run");
        std::thread::yield_now();
    }
}

#[test]
fn a_running_parsers_process_has_a_socket_and_nothing_else() {
    let mut busy = Busy::start();
    assert_eq!(busy.fact("Seccomp:"), "2");
    assert_eq!(busy.fact("NoNewPrivs:"), "1");
    let environment = fs::read(format!("/proc/{}/environ", busy.parser)).unwrap();
    // What cargo sets for its tests may be there.
    let names: Vec<&[u8]> = environment
        .split(|&b| b == 0)
        .filter(|v| !v.is_empty() && !v.starts_with(b"LD_LIBRARY_PATH="))
        .collect();
    assert_eq!(names, [b"MIMALLOC_ARENA_EAGER_COMMIT=0"]);
    let open: BTreeSet<String> = fs::read_dir(format!("/proc/{}/fd", busy.parser))
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let target = fs::read_link(entry.path()).unwrap();
            let target = target.to_string_lossy().into_owned();
            let number = entry.file_name().into_string().unwrap();
            format!("{number} {}", target.split(':').next().unwrap())
        })
        .collect();
    // Its native code, its socket, and a place for what it would say.
    for target in &open {
        let (_, what) = target.split_once(' ').unwrap();
        let known = what == "socket" || what == "/dev/null" || what.starts_with("/memfd");
        assert!(known, "{open:?}");
    }
    busy.poll.wait().unwrap();
}

#[test]
fn a_parsers_process_that_is_killed_is_started_again_and_nothing_is_lost() {
    let busy = Busy::start();
    let parser = rustix::process::Pid::from_raw(busy.parser.try_into().unwrap()).unwrap();
    rustix::process::kill_process(parser, rustix::process::Signal::KILL).unwrap();
    let output = busy.poll.wait_with_output().unwrap();
    let remarks = String::from_utf8_lossy(&output.stderr);
    assert!(remarks.contains("it is started again"), "{remarks}");
    let summary = summary(&output);
    assert_eq!(summary["quarantined"], 1);
    let kept = asset::read(&busy.asset.path("kafka-soar-quarantine.ndjson"));
    assert!(kept.contains("limit parser_time_limit = 3000 ms"), "{kept}");
}

#[test]
fn a_parsers_process_does_not_outlive_the_connector() {
    let mut busy = Busy::start();
    busy.poll.kill().unwrap();
    busy.poll.wait().unwrap();
    let until = Instant::now() + Duration::from_mins(1);
    while Path::new(&format!("/proc/{}", busy.parser)).exists() {
        assert!(Instant::now() < until, "it still runs");
        std::thread::yield_now();
    }
}

#[test]
fn the_wall_is_reported_and_can_be_switched_off_by_name_only() {
    let topic = shared().topic(1);
    shared().produce_numbered(&topic, 1, 1);
    let asset = Asset::new(&topic);
    let stands = asset.polled()["second_wall"].clone();
    for process in ["connector", "parser"] {
        assert_eq!(stands[process]["seccomp"], true, "{stands}");
        let expected = if landlock() {
            "enforced"
        } else {
            "unsupported"
        };
        assert_eq!(stands[process]["landlock"], expected, "{stands}");
    }

    shared().produce_numbered(&topic, 1, 1);
    let output = asset::run(asset.poll().env(VARIABLE, "off"));
    let off = summary(&output)["second_wall"].clone();
    assert_eq!(off["connector"]["landlock"], "off", "{off}");
    assert_eq!(off["parser"]["seccomp"], false, "{off}");
    let remarks = String::from_utf8_lossy(&output.stderr);
    assert!(remarks.contains("the second wall is off"), "{remarks}");
    assert_eq!(serde_json::json!(Landlock::Off), "off");

    let output = asset::run(asset.poll().env(VARIABLE, "no"));
    assert_eq!(output.status.code(), Some(64));
    let message = error(&output)["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains(VARIABLE) && message.contains("\"no\""),
        "{message}"
    );
}

#[test]
fn what_a_guest_writes_to_a_terminal_goes_nowhere() {
    // Standard error of a parser's process is closed to it; its socket speaks frames only.
    let mut busy = Busy::start();
    let link = fs::read_link(format!("/proc/{}/fd/2", busy.parser)).unwrap();
    assert_eq!(link, Path::new("/dev/null"));
    let mut lines = BufReader::new(busy.poll.stderr.take().unwrap()).lines();
    busy.poll.kill().unwrap();
    busy.poll.wait().unwrap();
    assert!(lines.all(|line| !line.unwrap().contains('\u{1b}')));
}
