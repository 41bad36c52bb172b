//! Everything fails, again and again, and nothing is lost or doubled.
//!
//! A real broker, the binary and the stand-in for SOAR. The binary is killed at random moments and
//! started again with other sizes of batches; the broker is killed and started again; SOAR fails in
//! every way it knows; some messages crash the parser, some are rejected, some are refused by SOAR.
//! In the end each message must be where it belongs, once.
//!
//! `make chaos CHAOS="messages=1000000 kills=200 nodes=3"` is the long one. What is drawn follows
//! from `seed`, which it prints.

use std::{
    collections::BTreeMap,
    env, fs,
    process::{Child, ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use kafka_soar::{
    config::{BatchLimits, Topic},
    kafka::{Consumer, Deadline, unwrap},
    model::Start,
    soar_double::{Faults, Mode, Options, SoarDouble},
};
use kafka_soar_tests::{
    guests,
    testbed::{Broker, Fixture, Sender},
};
use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::StdRng};
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::asset::Asset;

const PARTITIONS: i32 = 4;
const GROUP: &str = "chaos";
/// How long the group may take for what is left in the end.
const DRAIN: Duration = Duration::from_mins(5);
/// Each message once, whatever the broker goes through.
const PRODUCER: &[(&str, &str)] = &[
    ("enable.idempotence", "true"),
    ("acks", "all"),
    ("linger.ms", "5"),
    ("message.timeout.ms", "600000"),
];

/// How much chaos there is.
#[derive(Debug, Clone)]
struct Plan {
    seed: u64,
    messages: usize,
    kills: usize,
    nodes: u32,
    mode: Way,
}

/// How messages are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// `on-poll`, one after the other, with a state.
    Poll,
    /// `serve`, two members of a group.
    Serve,
}

impl Plan {
    /// What `KAFKA_SOAR_CHAOS` says, and a short run without it; `None` if it asks for the other
    /// way.
    fn from_env(mode: Way, kills: usize) -> Option<Self> {
        let mut plan = Self {
            seed: 1,
            messages: 20_000,
            kills,
            nodes: 1,
            mode,
        };
        for word in env::var("KAFKA_SOAR_CHAOS")
            .unwrap_or_default()
            .split_whitespace()
        {
            let (name, value) = word.split_once('=').expect("name=value");
            let number = || {
                value
                    .parse::<usize>()
                    .unwrap_or_else(|_| panic!("{word}: a number"))
            };
            match name {
                "seed" if value == "random" => plan.seed = rand::rng().next_u64() >> 32,
                "seed" => plan.seed = number() as u64,
                "messages" => plan.messages = number(),
                "kills" => plan.kills = number(),
                "nodes" => plan.nodes = u32::try_from(number()).unwrap(),
                "mode" if value == mode.name() => {}
                "mode" => return None,
                _ => panic!("{name}: there are mode, seed, messages, kills and nodes"),
            }
        }
        Some(plan)
    }
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Poll => "poll",
            Self::Serve => "serve",
        }
    }
}

/// What is to become of a message, by its first word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Emitted,
    Quarantined,
    Filtered,
}

/// The value of message `n`, and its fate.
fn message(random: &mut StdRng, n: usize) -> (String, Fate) {
    let (word, fate) = match random.random_range(0..100_000) {
        0..50 => ("panic".to_owned(), Fate::Quarantined),
        50..300 => ("reject".to_owned(), Fate::Quarantined),
        300..400 => ("refused".to_owned(), Fate::Quarantined),
        400..1400 => ("filter".to_owned(), Fate::Filtered),
        1400..2400 => (
            format!("incident-{}", random.random_range(0..200)),
            Fate::Emitted,
        ),
        _ => ("m".to_owned(), Fate::Emitted),
    };
    (format!("{word} {n}"), fate)
}

/// Produces the messages, through whatever the broker goes through, while the rest goes on.
fn produce(sender: &Sender, topic: &Topic, plan: &Plan, kills: &AtomicUsize) {
    let mut random = StdRng::seed_from_u64(plan.seed);
    for n in 0..plan.messages {
        let (value, _) = message(&mut random, n);
        // There is something to read until the last kill.
        while n * plan.kills > plan.messages * (kills.load(Ordering::Relaxed) + 1) {
            thread::sleep(Duration::from_millis(2));
        }
        let partition = i32::try_from(n).unwrap_or(0) % PARTITIONS;
        sender.send(topic, [Fixture::value(partition, value.as_bytes())]);
    }
    sender.settle_within(Duration::from_mins(10));
}

struct Chaos {
    plan: Plan,
    random: StdRng,
    broker: Broker,
    soar: SoarDouble,
    asset: Asset,
    members: Vec<Child>,
    kills: Arc<AtomicUsize>,
    broker_kills: usize,
}

impl Drop for Chaos {
    fn drop(&mut self) {
        for member in &mut self.members {
            let _ = member.kill();
            let _ = member.wait();
        }
    }
}

impl Chaos {
    /// SOAR fails in other ways from now on.
    fn upset(&mut self) {
        let random = &mut self.random;
        // Requests take less than the time-out after which another process takes over, or have
        // been saved when it comes to that.
        let (slow, modes) = match random.random_range(0..3) {
            0 => (1500, vec![Mode::Slow, Mode::SlowAnswer, Mode::Throttle]),
            1 => (2600, vec![Mode::SlowAnswer, Mode::ThrottleUntil]),
            _ => (
                100,
                Mode::ALL
                    .into_iter()
                    .filter(|mode| !matches!(mode, Mode::Pass | Mode::Stall))
                    .collect(),
            ),
        };
        let rate = [0.0, 0.05, 0.3][random.random_range(0..3)];
        let closed = random.random_bool(0.1);
        self.soar
            .set_faults(Faults {
                seed: random.next_u64(),
                rate,
                modes,
                slow: Duration::from_millis(slow),
                closed: Duration::from_millis(if closed { 300 } else { 0 }),
                ..Faults::default()
            })
            .expect("faults that can be");
    }

    /// Starts a poll with batches of another size than the last.
    fn start(&mut self) -> Child {
        let size = self.random.random_range(20..4000);
        let bulk = [1, 7, 50][self.random.random_range(0..3)];
        self.asset.config["batch_max_messages"] = size.into();
        self.asset.config["soar_bulk"] = bulk.into();
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.asset.path("log"))
            .unwrap();
        let mut command = match self.plan.mode {
            Way::Poll => self.asset.command("on-poll"),
            Way::Serve => self.asset.command("serve"),
        };
        if self.plan.mode == Way::Poll {
            command.args(["--state", "state.json"]);
        }
        command
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the binary runs")
    }

    /// Waits for the end of a poll, at most until `moment`.
    fn until(child: &mut Child, moment: Instant) -> Option<ExitStatus> {
        loop {
            if let Some(status) = child.try_wait().expect("a child") {
                return Some(status);
            }
            if Instant::now() >= moment {
                return None;
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Polls that fail because of the chaos say that Kafka or SOAR could not be used.
    fn expect_sane(&self, status: ExitStatus) {
        assert!(
            matches!(status.code(), Some(0 | 69 | 74)),
            "{status}, seed {}: {}",
            self.plan.seed,
            self.log()
        );
    }

    fn log(&self) -> String {
        let log = fs::read_to_string(self.asset.path("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    /// Sometimes a broker is killed, and started again at `moment`.
    fn break_broker(&mut self, moment: Instant) {
        if !self.random.random_bool(0.1) {
            return;
        }
        let node = self.random.random_range(1..=self.plan.nodes);
        let node = i32::try_from(node).unwrap();
        self.broker.kill_node(node);
        self.broker_kills += 1;
        thread::sleep(moment.saturating_duration_since(Instant::now()));
        self.broker.up_node(node);
    }

    /// Two members; one of them is killed in a while.
    fn serve(&mut self) {
        self.upset();
        while self.members.len() < 2 {
            let member = self.start();
            self.members.push(member);
        }
        let moment = Instant::now() + Duration::from_millis(self.random.random_range(500..9000));
        self.break_broker(moment);
        let one = self.random.random_range(0..2);
        let mut member = self.members.swap_remove(one);
        if let Some(status) = Self::until(&mut member, moment) {
            return self.expect_sane(status);
        }
        member.kill().expect("SIGKILL");
        member.wait().expect("a child");
        self.kills.fetch_add(1, Ordering::Relaxed);
    }

    /// One poll, killed unless it is quicker.
    fn round(&mut self) {
        if self.plan.mode == Way::Serve {
            return self.serve();
        }
        self.upset();
        let mut child = self.start();
        let moment = Instant::now() + Duration::from_millis(self.random.random_range(60..1500));
        self.break_broker(moment);
        if let Some(status) = Self::until(&mut child, moment) {
            return self.expect_sane(status);
        }
        child.kill().expect("SIGKILL");
        child.wait().expect("a child");
        self.kills.fetch_add(1, Ordering::Relaxed);
    }

    /// Polls until nothing is left.
    fn finish(&mut self, topic: &Topic) {
        self.soar.set_faults(Faults::default()).unwrap();
        if self.plan.mode == Way::Serve {
            return self.drain(topic);
        }
        loop {
            let mut poll = self.asset.command("on-poll");
            let poll = poll.args(["--state", "state.json", "--json"]);
            let output = crate::asset::run(poll);
            assert!(output.status.success(), "{output:?}: {}", self.log());
            let summary = crate::asset::summary(&output);
            if summary["messages"] == 0 && summary["behind"] == 0 {
                return;
            }
        }
    }
}

impl Chaos {
    /// Lets the members work until the group has committed the end of every partition.
    fn drain(&mut self, topic: &Topic) {
        let mut client = self.broker.client();
        let client: BaseConsumer = client.set("group.id", GROUP).create().expect("a client");
        let begun = Instant::now();
        loop {
            let mut list = TopicPartitionList::new();
            list.add_partition_range(topic.as_str(), 0, PARTITIONS - 1);
            let committed = client.committed_offsets(list, Duration::from_secs(20));
            let behind = committed
                .expect("an answer")
                .elements()
                .iter()
                .any(|element| {
                    let (_, end) = client
                        .fetch_watermarks(
                            topic.as_str(),
                            element.partition(),
                            Duration::from_secs(20),
                        )
                        .expect("an answer");
                    element.offset() != Offset::Offset(end)
                });
            if !behind {
                break;
            }
            assert!(begun.elapsed() < DRAIN, "still behind: {}", self.log());
            while self.members.len() < 2 {
                let member = self.start();
                self.members.push(member);
            }
            thread::sleep(Duration::from_millis(200));
        }
        for mut member in std::mem::take(&mut self.members) {
            let pid = Pid::from_raw(i32::try_from(member.id()).unwrap()).unwrap();
            kill_process(pid, Signal::TERM).expect("signalled");
            let status = member.wait().expect("a child");
            assert_eq!(status.code(), Some(143), "{}", self.log());
        }
    }
}

/// The messages in SOAR, and how often each is there.
fn emitted(soar: &SoarDouble) -> BTreeMap<String, usize> {
    let mut text = Vec::new();
    soar.export(&mut text).expect("it has them");
    let mut seen = BTreeMap::new();
    for line in text
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let line: Value = serde_json::from_slice(line).expect("JSON");
        for artifact in line["artifacts"].as_array().expect("a list") {
            let message = artifact["cef"]["message"].as_str().expect("text");
            *seen.entry(message.to_owned()).or_default() += 1;
        }
    }
    seen
}

/// The messages in the dead-letter topic.
fn quarantined(broker: &Broker, dead_letters: &Topic) -> BTreeMap<String, usize> {
    let mut consumer =
        Consumer::connect(&broker.connection(), BatchLimits::default()).expect("a consumer");
    let view = consumer.topic(dead_letters, None).expect("the topic");
    let starts = view.partitions.iter().map(|(&partition, marks)| Start {
        partition,
        from: marks.low,
        end: marks.stable,
    });
    consumer
        .assign(dead_letters, &starts.collect::<Vec<_>>())
        .expect("assigned");
    let mut seen = BTreeMap::new();
    while let Some(batch) = consumer.next_batch(Deadline::caught_up()).expect("a batch") {
        for index in 0..batch.len() {
            let letter = unwrap(&batch.record(index)).expect("a dead letter");
            let value = letter.value.expect("a value").0;
            *seen.entry(String::from_utf8(value).unwrap()).or_default() += 1;
        }
    }
    seen
}

#[test]
fn polls_lose_nothing_and_double_nothing() {
    Plan::from_env(Way::Poll, 12).iter().for_each(survive);
}

#[test]
fn members_of_a_group_lose_nothing_and_double_nothing() {
    Plan::from_env(Way::Serve, 3).iter().for_each(survive);
}

fn survive(plan: &Plan) {
    println!("chaos: {plan:?}");
    let begun = Instant::now();
    let nodes = plan.nodes.to_string();
    let broker = match plan.nodes {
        1 => Broker::start(&[]),
        _ => Broker::start(&["--nodes", &nodes]),
    };
    let topic = broker.topic(PARTITIONS);
    let dead_letters = broker.topic(2);
    let soar = SoarDouble::start(Options::default()).expect("it starts");
    let asset = Asset::at(broker.bootstrap(), &topic)
        .set("message_parser", "picky.wasm")
        .set("dead_letter_topic", dead_letters.as_str())
        .set("soar_url", soar.url())
        .set("soar_token", "t")
        .set("soar_timeout", 2)
        .set("soar_give_up", 20)
        .set("container_max_artifacts", 300)
        .set("group_id", GROUP)
        .set("group_session_timeout", 6000);
    let asset = match plan.mode {
        Way::Poll => asset,
        Way::Serve => asset.set("timeout", 200),
    };
    fs::write(asset.path("picky.wasm"), guests::PICKY).unwrap();

    let mut chaos = Chaos {
        random: StdRng::seed_from_u64(plan.seed),
        plan: plan.clone(),
        broker,
        soar,
        asset,
        members: Vec::new(),
        kills: Arc::default(),
        broker_kills: 0,
    };
    thread::scope(|scope| {
        let kills = Arc::clone(&chaos.kills);
        let sender = Sender::new(&chaos.broker, PRODUCER);
        let (topic, plan) = (topic.clone(), plan.clone());
        scope.spawn(move || produce(&sender, &topic, &plan, &kills));
        while chaos.kills.load(Ordering::Relaxed) < chaos.plan.kills {
            chaos.round();
        }
    });
    chaos.finish(&topic);

    let seen = emitted(&chaos.soar);
    let quarantine = quarantined(&chaos.broker, &dead_letters);
    let mut random = StdRng::seed_from_u64(plan.seed);
    let (mut lost, mut doubled, mut stray) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..plan.messages {
        let (value, fate) = message(&mut random, n);
        let emitted = seen.get(&value).copied().unwrap_or(0);
        let quarantined = quarantine.contains_key(&value);
        let expected = usize::from(fate == Fate::Emitted);
        match emitted {
            0 if expected == 1 => lost.push(value.clone()),
            2.. => doubled.push(value.clone()),
            1 if expected == 0 => stray.push(value.clone()),
            _ => {}
        }
        if quarantined != (fate == Fate::Quarantined) {
            stray.push(value);
        }
    }
    let log = fs::read_to_string(chaos.asset.path("log")).unwrap_or_default();
    let again = log.matches("going on with a batch").count();
    let shown = |values: &[String]| values.iter().take(5).cloned().collect::<Vec<_>>();
    println!(
        "chaos: {:?}, seed {}: {} messages, {} kills, {} broker kills, {} batches taken up again, \
         SOAR failed {:?}; {} emitted, {} in quarantine; {} lost, {} doubled; {:.0} s",
        plan.mode,
        plan.seed,
        plan.messages,
        plan.kills,
        chaos.broker_kills,
        again,
        chaos.soar.faults_hit(),
        seen.len(),
        quarantine.len(),
        lost.len(),
        doubled.len(),
        begun.elapsed().as_secs_f64()
    );
    assert!(
        lost.is_empty() && doubled.is_empty() && stray.is_empty(),
        "lost {:?}, doubled {:?}, astray {:?}; seed {}\n{}",
        shown(&lost),
        shown(&doubled),
        shown(&stray),
        plan.seed,
        chaos.log()
    );
}
