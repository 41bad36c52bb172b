//! A real Apache Kafka broker for tests (tests/testbed/broker), and what tests put into it.
//! Whatever goes wrong in here panics: it is the test that fails.
#![expect(clippy::missing_panics_doc, reason = "see above")]

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use kafka_soar::config::{Connection, Host, Security, Topic};
use rdkafka::{
    ClientConfig, ClientContext,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    message::{Header, OwnedHeaders},
    producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext},
};

mod changes;
mod registry;
mod secure;
mod stored;
mod tls_proxy;
mod transactions;

pub use registry::Registry;
pub use secure::{Secure, secure};
pub use stored::StoredBatch;
pub use tls_proxy::TlsProxy;

/// How long anything may take that the broker does for a test.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The broker that all tests of this process share. It ends with the process.
pub fn shared() -> &'static Broker {
    static SHARED: OnceLock<Broker> = OnceLock::new();
    SHARED.get_or_init(|| Broker::start(&[]))
}

fn script() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testbed/broker")
}

/// A running broker, or several. They end when this is dropped, or with this process, however
/// that ends.
pub struct Broker {
    /// What the script told of it.
    facts: HashMap<String, String>,
    script: Mutex<Script>,
}

struct Script {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Broker {
    /// Starts a broker of its own, for tests that harm it.
    #[must_use]
    pub fn start(options: &[&str]) -> Self {
        let mut child = Command::new(script())
            .arg("run")
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("tests/testbed/broker starts");
        let mut answers = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        answers.read_line(&mut line).expect("a line");
        let facts: HashMap<String, String> = line
            .split_whitespace()
            .filter_map(|word| word.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        assert!(
            facts.contains_key("bootstrap"),
            "the broker did not start: {line:?} (see stderr)"
        );
        Self {
            facts,
            script: Mutex::new(Script {
                commands: child.stdin.take(),
                answers,
                child,
            }),
        }
    }

    /// SIGKILLs the broker; its data stay.
    pub fn kill(&self) {
        self.kill_node(1);
    }

    /// Starts it again, and waits until it serves clients.
    pub fn up(&self) {
        self.up_node(1);
    }

    /// [`Broker::kill`] for one of several, counted from 1.
    pub fn kill_node(&self, node: i32) {
        self.command(&format!("kill {node}"));
    }

    pub fn up_node(&self, node: i32) {
        self.command(&format!("up {node}"));
    }

    fn command(&self, command: &str) {
        let mut script = self.script.lock().expect("no test panicked in here");
        let commands = script.commands.as_mut().expect("open until drop");
        writeln!(commands, "{command}").expect("the script reads");
        let mut answer = String::new();
        script.answers.read_line(&mut answer).expect("an answer");
        assert_eq!(answer, "ok\n", "{command}");
    }

    pub fn bootstrap(&self) -> &str {
        self.fact("bootstrap")
    }

    fn fact(&self, name: &str) -> &str {
        &self.facts[name]
    }

    /// The first of its hosts.
    pub fn host(&self) -> Host {
        self.hosts().remove(0)
    }

    fn hosts(&self) -> Vec<Host> {
        let host = |text: &str| {
            let (name, port) = text.split_once(':').expect("host:port");
            Host {
                name: name.to_owned(),
                port: port.parse().expect("a port"),
            }
        };
        self.bootstrap().split(',').map(host).collect()
    }

    pub fn connection(&self) -> Connection {
        connection(self.hosts())
    }

    /// The node that leads a partition.
    pub fn leader(&self, topic: &Topic, partition: i32) -> i32 {
        eventually("the partition has a leader", || {
            let client = self.admin();
            let metadata = client
                .inner()
                .fetch_metadata(Some(topic.as_str()), Duration::from_secs(3));
            let metadata = metadata.ok()?;
            let topic = metadata.topics().first()?;
            let partition = topic.partitions().iter().find(|p| p.id() == partition)?;
            (partition.leader() > 0).then(|| partition.leader())
        })
    }

    /// Runs one of Kafka's own tools against it.
    pub fn tool(&self, class: &str, arguments: &[&str]) {
        let output = Command::new(script())
            .args(["tool", class, "--bootstrap-server", self.bootstrap()])
            .args(arguments)
            .output()
            .expect("tests/testbed/broker starts");
        assert!(output.status.success(), "{class} {arguments:?}: {output:?}");
    }

    /// A new topic with a name that no other test has.
    pub fn topic(&self, partitions: i32) -> Topic {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        self.topic_named(&format!("test-{}-{count}", std::process::id()), partitions)
    }

    pub fn topic_named(&self, name: &str, partitions: i32) -> Topic {
        // As many replicas as the broker's default.
        let new = NewTopic::new(name, partitions, TopicReplication::Fixed(-1));
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        let admin = self.admin();
        let made = block_on(admin.create_topics(&[new], &options)).expect("an answer");
        for topic in made {
            assert_eq!(topic.expect("made"), name);
        }
        eventually("every partition has a leader", || {
            let metadata = admin.inner().fetch_metadata(Some(name), PATIENCE).ok()?;
            let topic = metadata.topics().first()?;
            let led = topic
                .partitions()
                .iter()
                .filter(|p| p.leader() >= 0)
                .count();
            (led == usize::try_from(partitions).unwrap()).then_some(())
        });
        name.parse().expect("a legal name")
    }

    /// Deletes the records of a partition before `offset`, as retention does.
    pub fn delete_records(&self, topic: &Topic, partition: i32, offset: i64) {
        let mut list = rdkafka::TopicPartitionList::new();
        list.add_partition_offset(topic.as_str(), partition, rdkafka::Offset::Offset(offset))
            .expect("an offset");
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        let deleted = block_on(self.admin().delete_records(&list, &options)).expect("an answer");
        for element in deleted.elements() {
            element.error().expect("deleted");
        }
    }

    pub fn delete_topic(&self, topic: &Topic) {
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        let admin = self.admin();
        let deleted = block_on(admin.delete_topics(&[topic.as_str()], &options));
        for topic in deleted.expect("an answer") {
            topic.expect("deleted");
        }
    }

    fn admin(&self) -> AdminClient<DefaultClientContext> {
        self.client().create().expect("an admin client")
    }

    /// Settings of a client of this broker, without anything of the product.
    pub fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.bootstrap());
        config
    }

    /// Writes `records` and waits until the broker has them.
    pub fn produce<'a>(&self, topic: &Topic, records: impl IntoIterator<Item = Fixture<'a>>) {
        let producer = Sender::new(self, &[]);
        producer.send(topic, records);
        producer.settle();
    }

    /// Writes `count` values `"{partition}:{n}"` to each partition.
    pub fn produce_numbered(&self, topic: &Topic, partitions: i32, count: usize) {
        let producer = Sender::new(self, &[("linger.ms", "5")]);
        for n in 0..count {
            for partition in 0..partitions {
                let value = format!("{partition}:{n}");
                producer.send(topic, [Fixture::value(partition, value.as_bytes())]);
            }
        }
        producer.settle();
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let script = self.script.get_mut().expect("no test panicked in here");
        script.commands = None;
        // The script ends by itself now that its input has; nothing is left behind.
        let _ = script.child.wait();
    }
}

#[must_use]
pub fn connection(hosts: Vec<Host>) -> Connection {
    Connection {
        hosts,
        security: Security::default(),
    }
}

/// A record to write.
#[derive(Debug, Clone, Default)]
pub struct Fixture<'a> {
    pub partition: i32,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub headers: Vec<(&'a str, Option<&'a [u8]>)>,
    pub timestamp: Option<i64>,
}

impl<'a> Fixture<'a> {
    #[must_use]
    pub fn value(partition: i32, value: &'a [u8]) -> Self {
        Self {
            partition,
            value: Some(value),
            ..Self::default()
        }
    }
}

/// A producer that knows whether everything arrived.
pub struct Sender {
    client: BaseProducer<Failures>,
}

/// How many records did not arrive.
#[derive(Default)]
pub struct Failures(AtomicUsize);

impl ClientContext for Failures {
    fn error(&self, _: rdkafka::error::KafkaError, _: &str) {}
}

impl ProducerContext for Failures {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_err() {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Sender {
    pub fn new(broker: &Broker, settings: &[(&str, &str)]) -> Self {
        let mut config = broker.client();
        config.set("linger.ms", "0");
        for (key, value) in settings {
            config.set(*key, *value);
        }
        let client = config.create_with_context(Failures::default());
        Self {
            client: client.expect("a producer"),
        }
    }

    #[must_use]
    pub fn client(&self) -> &BaseProducer<Failures> {
        &self.client
    }

    pub fn send<'a>(&self, topic: &Topic, records: impl IntoIterator<Item = Fixture<'a>>) {
        for fixture in records {
            let mut record: BaseRecord<'_, [u8], [u8]> =
                BaseRecord::to(topic.as_str()).partition(fixture.partition);
            record.key = fixture.key;
            record.payload = fixture.value;
            record.timestamp = fixture.timestamp;
            if !fixture.headers.is_empty() {
                let headers = OwnedHeaders::new_with_capacity(fixture.headers.len());
                record.headers = Some(
                    fixture
                        .headers
                        .iter()
                        .fold(headers, |headers, &(key, value)| {
                            headers.insert(Header { key, value })
                        }),
                );
            }
            while let Err((error, back)) = self.client.send(record) {
                let full = rdkafka::error::RDKafkaErrorCode::QueueFull;
                assert_eq!(error.rdkafka_error_code(), Some(full), "{error}");
                self.client.poll(Duration::from_millis(1));
                record = back;
            }
        }
    }

    /// Waits until the broker has everything that was sent.
    pub fn settle(&self) {
        self.settle_within(PATIENCE);
    }

    /// [`Sender::settle`], with a broker that comes and goes.
    pub fn settle_within(&self, patience: Duration) {
        self.client.flush(patience).expect("everything is sent");
        let failures = self.client.context().0.load(Ordering::Relaxed);
        assert_eq!(failures, 0, "records that did not arrive");
    }
}

/// Asks until there is an answer, at most [`PATIENCE`] long.
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "not within {PATIENCE:?}: {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A port of this machine where nobody listens.
#[must_use]
pub fn closed_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
        .block_on(future)
}
