//! A parser made for WASI that reaches for everything outside of it, as any program would: by
//! Rust's standard library. The first message's value names what it reaches for; it refuses the
//! batch with what it saw.

#![cfg(target_family = "wasm")]

use std::{
    collections::HashMap,
    env, fs,
    hash::{BuildHasher as _, RandomState},
    hint::black_box,
    io::{self, Read as _},
    net::{TcpListener, TcpStream, ToSocketAddrs as _, UdpSocket},
    process::{self, Command},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use bindings::exports::kafka_soar::parser::message_parser::{Batch, Guest, Parsed};

#[allow(
    clippy::all,
    clippy::pedantic,
    unreachable_pub,
    unsafe_code,
    unused_qualifications,
    reason = "generated"
)]
mod bindings {
    use super::Reaching;

    wit_bindgen::generate!({ path: "../../../wit/v1", world: "parser" });
    export!(Reaching);
}

struct Reaching;

type Reach = fn() -> String;

/// What can be asked for. `tests/build.rs` reads this table.
const COMMANDS: [(&str, Reach); 27] = [
    ("read-file", read_file),
    ("list-directory", list_directory),
    ("list-working-directory", list_working_directory),
    ("write-file", write_file),
    ("create-directory", create_directory),
    ("link-file", link_file),
    ("remove-file", remove_file),
    ("climb-out", climb_out),
    ("environment", environment),
    ("arguments", arguments),
    ("working-directory", working_directory),
    ("standard-input", standard_input),
    ("flood-output", flood_output),
    ("flood-errors", flood_errors),
    ("exit", exit),
    ("exit-well", exit_well),
    ("abort", abort),
    ("spawn-process", spawn_process),
    ("connect", connect),
    ("listen", listen),
    ("send-datagram", send_datagram),
    ("resolve", resolve),
    ("wall-clock", wall_clock),
    ("timer", timer),
    ("sleep", sleep),
    ("random", random),
    ("thread", spawn_thread),
];

impl Guest for Reaching {
    fn parse_messages(batch: Batch) -> Result<Parsed, String> {
        let end = *batch.values.ends.first().ok_or("no message")? as usize;
        let asked = String::from_utf8_lossy(&batch.values.bytes[..end]);
        let (_, command) = COMMANDS
            .iter()
            .find(|(name, _)| *name == asked)
            .ok_or_else(|| format!("no such command: {asked}"))?;
        Err(command())
    }
}

/// What came of it, where success is a broken wall.
fn outcome<T>(result: io::Result<T>) -> String {
    match result {
        Ok(_) => "done".to_owned(),
        Err(error) => format!("error: {error}"),
    }
}

fn read_file() -> String {
    outcome(fs::read("/etc/passwd"))
}

fn list_directory() -> String {
    outcome(fs::read_dir("/"))
}

fn list_working_directory() -> String {
    outcome(fs::read_dir("."))
}

fn write_file() -> String {
    outcome(fs::write("/tmp/kafka-soar-was-here", "x"))
}

fn create_directory() -> String {
    outcome(fs::create_dir_all("kafka-soar/was/here"))
}

fn link_file() -> String {
    outcome(fs::hard_link("/etc/passwd", "passwd"))
}

fn remove_file() -> String {
    outcome(fs::remove_file("/etc/passwd"))
}

fn climb_out() -> String {
    outcome(fs::read("../../../../../../../../../../etc/passwd"))
}

fn environment() -> String {
    format!("{:?}", env::vars().collect::<Vec<_>>())
}

fn arguments() -> String {
    format!("{:?}", env::args().collect::<Vec<_>>())
}

fn working_directory() -> String {
    match env::current_dir() {
        Ok(directory) => directory.display().to_string(),
        Err(error) => format!("error: {error}"),
    }
}

fn standard_input() -> String {
    let mut text = String::new();
    match io::stdin().read_to_string(&mut text) {
        Ok(bytes) => format!("{bytes} bytes"),
        Err(error) => format!("error: {error}"),
    }
}

/// A hundred megabytes of what a terminal would act on.
fn flood(mut to: impl io::Write) -> String {
    let piece = b"\x1b[2J\x1b]0;flooded\x07".repeat(64 << 10);
    for _ in 0..100 {
        if let Err(error) = to.write_all(&piece).and_then(|()| to.flush()) {
            return format!("error: {error}");
        }
    }
    "done".to_owned()
}

fn flood_output() -> String {
    flood(io::stdout())
}

fn flood_errors() -> String {
    flood(io::stderr())
}

fn exit() -> String {
    process::exit(70)
}

fn exit_well() -> String {
    process::exit(0)
}

fn abort() -> String {
    process::abort()
}

fn spawn_process() -> String {
    outcome(Command::new("/bin/sh").args(["-c", "id"]).output())
}

fn connect() -> String {
    outcome(TcpStream::connect("127.0.0.1:9092"))
}

fn listen() -> String {
    outcome(TcpListener::bind("127.0.0.1:0"))
}

fn send_datagram() -> String {
    outcome(UdpSocket::bind("127.0.0.1:0").and_then(|s| s.send_to(b"secrets", "127.0.0.1:53")))
}

fn resolve() -> String {
    outcome(("localhost", 80).to_socket_addrs())
}

fn wall_clock() -> String {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH);
    let first = now();
    work();
    format!("{:?} {:?}", first, now())
}

/// How long work takes, by which a guest could tell what is in a processor's caches.
fn timer() -> String {
    let begun = Instant::now();
    work();
    format!("{:?}", begun.elapsed())
}

fn work() {
    for number in 0..2_000_000_u32 {
        black_box(number);
    }
}

fn sleep() -> String {
    let begun = Instant::now();
    thread::sleep(Duration::from_hours(1));
    format!("{:?}", begun.elapsed())
}

/// Random numbers, and the order that follows from them.
fn random() -> String {
    let map: HashMap<u32, u32> = (0..8).map(|number| (number, number)).collect();
    let order: Vec<u32> = map.into_keys().collect();
    format!("{:x} {order:?}", RandomState::new().hash_one("kafka-soar"))
}

fn spawn_thread() -> String {
    match thread::Builder::new().spawn(|| 1) {
        Ok(_) => "done".to_owned(),
        Err(error) => format!("error: {error}"),
    }
}
