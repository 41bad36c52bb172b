//! Python scripts: `cargo bench --bench python`.
//!
//! First the time from the start of `kafka-soar on-poll` to its first container, with a script and
//! with the default parser, beside what the broker takes to hand a plain consumer the first message.
//! Then throughput, sandboxed and in a native Python (the `python3` of this machine), in turns.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use kafka_soar::{
    config::{ParserLimits, ParserSource, Policy},
    model::{Batch, Instant as Started, NO_TIMESTAMP, Position, Record},
    sandbox::{Cache, Parser, Sandbox},
};
use kafka_soar_tests::testbed::{Broker, Fixture, Sender};
use rdkafka::{
    Message as _, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
};
use serde_json::json;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 15;
const BATCHES: usize = 10;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = folder.path().join("cache");
    throughput(folder.path(), &cache);
    start(folder.path(), &cache);
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("benches/python")
        .join(name)
}

// ---- throughput ------------------------------------------------------------------------------

fn throughput(folder: &Path, cache: &Path) {
    let sandbox = kafka_soar_tests::sandbox(Some(Cache::open(cache).expect("a cache")));
    println!("Python scripts, messages of 300 B, median of {ROUNDS} rounds, ns a message:");
    println!("script      messages a batch    native  native again  sandboxed  sandboxed is");
    for name in ["default.py", "events.py"] {
        for size in [1, 100, 1000, 10_000] {
            let batches = batches(size);
            let messages: usize = batches.iter().map(Batch::len).sum();
            let messages = f64::from(u32::try_from(messages).expect("few"));
            let file = folder.join("messages");
            write(&file, &batches);
            let mut native = Native::start(&script(name), &file);
            let mut parser = load(&sandbox, name);
            let mut sandboxed = || {
                let begun = Instant::now();
                for batch in &batches {
                    parser.parse(batch).unwrap_or_else(|e| panic!("{e}"));
                }
                begun.elapsed()
            };
            // What is done once for a poll is measured by the other half.
            sandboxed();
            native.round();
            let mut rounds = [Vec::new(), Vec::new(), Vec::new()];
            for _ in 0..ROUNDS {
                rounds[0].push(native.round());
                rounds[1].push(native.round());
                rounds[2].push(sandboxed());
            }
            let [native, again, sandboxed] =
                rounds.map(|rounds| median(rounds).as_secs_f64() * 1e9 / messages);
            println!(
                "{name:11} {size:16}  {native:8.0}  {again:12.0}  {sandboxed:9.0}  {:.2} x as fast",
                native / sandboxed
            );
        }
    }
}

fn load(sandbox: &Sandbox, name: &str) -> Parser {
    let source = ParserSource::Script {
        name: name.to_owned(),
        text: fs::read_to_string(script(name)).expect("a script"),
        signature: None,
    };
    let started = Started {
        unix_ms: 0,
        utc_offset_minutes: 0,
    };
    let limits = ParserLimits::default();
    sandbox
        .load(&source, &Policy::default(), &limits, "{}", started)
        .unwrap_or_else(|e| panic!("{e}"))
}

/// A log event of 300 bytes.
fn message(number: usize) -> String {
    let start = format!(
        r#"{{"ts":"2026-03-01T12:00:00.{:03}Z","host":"edge-{:04}","user":"svc-{number}","action":"login","outcome":"failure","src":"10.1.2.3","detail":""#,
        number % 1000,
        number % 50
    );
    let padding = 298 - start.len();
    format!("{start}{}\"}}", "x".repeat(padding))
}

fn batches(size: usize) -> Vec<Batch> {
    let messages = (size * BATCHES).clamp(1000, 50_000);
    (0..messages)
        .step_by(size)
        .map(|first| {
            let mut batch = Batch::new("topic");
            for number in first..first + size {
                let value = message(number);
                batch.push(&Record {
                    position: Position {
                        partition: 0,
                        offset: i64::try_from(number).expect("few"),
                    },
                    timestamp: NO_TIMESTAMP,
                    key: None,
                    value: Some(value.as_bytes()),
                    headers: Vec::new(),
                });
            }
            batch
        })
        .collect()
}

fn write(file: &Path, batches: &[Batch]) {
    let text: Vec<String> = batches
        .iter()
        .map(|batch| {
            let lines = (0..batch.len()).map(|index| {
                let value = batch.values().get(index).expect("a value");
                let value = std::str::from_utf8(value).expect("text");
                format!(
                    "{}\t{}\t{value}\n",
                    batch.partitions()[index],
                    batch.offsets()[index]
                )
            });
            lines.collect()
        })
        .collect();
    fs::write(file, text.join("\n")).expect("written");
}

/// A native Python, which runs all batches at each call.
struct Native {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Native {
    fn start(script_: &Path, messages: &Path) -> Self {
        let mut process = Command::new("python3")
            .arg(script("native.py"))
            .args([script_, messages])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts");
        let input = process.stdin.take().expect("a pipe");
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        let mut native = Self {
            process,
            input,
            output,
        };
        let version = native.line();
        if messages.with_extension("told").exists() {
            return native;
        }
        println!("native CPython is {version}");
        fs::write(messages.with_extension("told"), "").expect("written");
        native
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a line");
        line.trim().to_owned()
    }

    fn round(&mut self) -> Duration {
        self.input.write_all(b"\n").expect("it reads");
        Duration::from_nanos(self.line().parse().expect("a number"))
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

// ---- start -----------------------------------------------------------------------------------

fn start(folder: &Path, cache: &Path) {
    let broker = Broker::start(&["--jvm", "bench"]);
    let topic = broker.topic(1);
    let sender = Sender::new(&broker, &[]);
    sender.send(&topic, (0..10).map(|_| Fixture::value(0, b"{}")));
    sender.settle();
    println!("From the start of the process to the first container, median of {ROUNDS} rounds:");
    let poll = |name: &str, parser: Option<&Path>| {
        let mut asset = json!({
            "hosts": broker.bootstrap(),
            "topic": topic.as_str(),
            "timeout": 0,
            "read_from_beginning": true,
        });
        if let Some(parser) = parser {
            asset["message_parser"] = json!(parser);
        }
        let file = folder.join(format!("{name}.json"));
        fs::write(&file, asset.to_string()).expect("written");
        move || first_byte(&file, cache)
    };
    let default = poll("default", None);
    let python = poll("script", Some(&script("default.py")));
    // Compiles both.
    default();
    python();
    plain(&broker, topic.as_str());
    let mut rounds = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        rounds[0].push(plain(&broker, topic.as_str()));
        rounds[1].push(plain(&broker, topic.as_str()));
        rounds[2].push(default());
        rounds[3].push(python());
    }
    let medians = rounds.map(median);
    let names = ["plain consumer", "plain again", "default parser", "script"];
    for (name, time) in names.iter().zip(medians) {
        println!(
            "  {name:16} {:6.0} ms   {:6.0} ms beyond the broker's",
            time.as_secs_f64() * 1e3,
            (time.as_secs_f64() - medians[0].as_secs_f64()) * 1e3
        );
    }
}

/// A scheduled poll without a state, until its first byte of output.
fn first_byte(asset: &Path, cache: &Path) -> Duration {
    let begun = Instant::now();
    let mut process = Command::new(kafka_soar_tests::binary())
        .args(["on-poll", "--quiet", "--output", "-", "--config"])
        .arg(asset)
        .env("KAFKA_SOAR_CACHE_DIR", cache)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut output = process.stdout.take().expect("a pipe");
    let read = output.read(&mut [0]).expect("a byte");
    let took = begun.elapsed();
    assert_eq!(read, 1, "it wrote something");
    std::io::copy(&mut output, &mut std::io::sink()).expect("the rest");
    assert!(process.wait().expect("it ends").success());
    took
}

/// A plain consumer in this process until its first message: connection, metadata, watermarks, fetch.
fn plain(broker: &Broker, topic: &str) -> Duration {
    let begun = Instant::now();
    let consumer: BaseConsumer = broker
        .client()
        .set("group.id", "plain")
        .set("enable.auto.commit", "false")
        .create()
        .expect("a consumer");
    let timeout = Duration::from_secs(10);
    consumer
        .fetch_metadata(Some(topic), timeout)
        .expect("metadata");
    consumer
        .fetch_watermarks(topic, 0, timeout)
        .expect("watermarks");
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, 0, Offset::Offset(0))
        .expect("an offset");
    consumer.assign(&list).expect("assigned");
    let message = consumer
        .poll(timeout)
        .expect("a message")
        .expect("no error");
    assert!(message.payload().is_some());
    begun.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
