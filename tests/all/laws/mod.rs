//! What holds for every parser, however hostile. Each law is a test; [`table::law`] says which law
//! holds each of the attacks that there are, and docs/attacks.md says it for a person.

mod bombs;
mod cache;
mod imports;
mod interleaved;
mod lies;
mod memory;
mod output;
mod proposals;
mod reach;
mod stack;
mod table;
mod time;
mod traps;

use std::{
    fmt,
    path::Path,
    sync::{Mutex, OnceLock},
    time::Duration,
};

use kafka_soar::{
    config::{ParserLimits, ParserSource, Policy},
    model::{Batch, Parsed},
    ports::ParseError,
    sandbox::{Cache, LoadError, Parser, Sandbox},
};
use kafka_soar_tests::guests::{Attack, Guest};

use crate::sandbox::{STARTED, batch};

/// One for all laws. With native code kept between runs of the tests: a Python interpreter takes
/// many seconds to compile.
fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("laws");
        let cache = Cache::open(directory).expect("a private directory");
        kafka_soar_tests::sandbox(Some(cache))
    })
}

/// Small enough that passing them is quick, and ample for what keeps to them on a busy machine.
fn limits() -> ParserLimits {
    ParserLimits {
        memory: 64 << 20,
        time: Duration::from_secs(20),
        message_time: None,
        output: 1 << 20,
        log: 10_000,
        artifacts: 100,
    }
}

/// For attacks that never end by themselves.
fn hasty() -> ParserLimits {
    ParserLimits {
        time: Duration::from_millis(50),
        ..limits()
    }
}

fn load(attack: Attack, limits: &ParserLimits) -> Result<Parser, LoadError> {
    // Several tests want the interpreter at once: whoever is first compiles it for all.
    static PYTHON: Mutex<()> = Mutex::new(());
    let alone = (attack.guest() == Guest::Python).then(|| PYTHON.lock());
    let source = ParserSource::Component {
        name: "guest".into(),
        bytes: attack.component().into_owned(),
        signature: None,
    };
    let parser = sandbox().load(
        &source,
        &Policy::default(),
        limits,
        r#"{"mode":"test"}"#,
        STARTED,
    );
    drop(alone);
    parser
}

/// How an attack ended.
struct End {
    attack: Attack,
    how: How,
}

enum How {
    /// It broke no rule.
    Parsed(Parsed),
    /// Not admitted, and why.
    Refused(String),
    /// A limit stopped it.
    Stopped { limit: String, words: String },
    /// It trapped, and how.
    Crashed(String),
    /// What it returned is not allowed, and why.
    Invalid(String),
    /// It was let finish, and refused its batch with these words: what it saw.
    Saw(String),
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: ", self.attack)?;
        match &self.how {
            How::Parsed(parsed) => write!(f, "parsed, {} containers", parsed.ingests().len()),
            How::Refused(why) => write!(f, "refused: {why}"),
            How::Stopped { limit, words } => write!(f, "stopped by {limit}: {words}"),
            How::Crashed(how) => write!(f, "crashed: {how}"),
            How::Invalid(why) => write!(f, "invalid: {why}"),
            How::Saw(what) => write!(f, "saw: {what}"),
        }
    }
}

impl End {
    fn of(attack: Attack, result: Result<Parsed, ParseError>) -> Self {
        let how = match result {
            Ok(parsed) => How::Parsed(parsed),
            Err(ParseError::Refused(words)) => How::Saw(words),
            Err(ParseError::Trap(how)) => How::Crashed(how),
            Err(ParseError::Invalid(why)) => How::Invalid(why),
            Err(ParseError::Limit { limit, value, what }) => How::Stopped {
                limit: limit.to_string(),
                words: format!("{what} ({value})"),
            },
            Err(
                error @ (ParseError::Unavailable { .. }
                | ParseError::Script(_)
                | ParseError::Broken(_)),
            ) => panic!("{attack:?}: {error}"),
        };
        Self { attack, how }
    }

    #[track_caller]
    fn parsed(self) -> Parsed {
        match self.how {
            How::Parsed(parsed) => parsed,
            _ => panic!("not parsed, but {self}"),
        }
    }

    /// What the guest saw.
    #[track_caller]
    fn saw(self) -> String {
        match self.how {
            How::Saw(words) => words,
            _ => panic!("not let finish, but {self}"),
        }
    }

    #[track_caller]
    fn stopped_by(self, expected: &str) {
        let stopped = matches!(&self.how, How::Stopped { limit, .. } if limit == expected);
        assert!(stopped, "not stopped by {expected}, but {self}");
    }

    /// Did nothing at all, or was kept from it by name. For what one engine refuses before it
    /// runs and another stops when it does.
    #[track_caller]
    fn refused_or_stopped(self) {
        let kept = matches!(&self.how, How::Refused(_) | How::Stopped { .. });
        assert!(kept, "neither refused nor stopped, but {self}");
    }

    /// `words` are some of those that the person reads.
    #[track_caller]
    fn crashed(self, words: &str) -> String {
        match &self.how {
            How::Crashed(how) if how.contains(words) => how.clone(),
            _ => panic!("not crashed by {words:?}, but {self}"),
        }
    }

    #[track_caller]
    fn invalid(self, words: &str) {
        let invalid = matches!(&self.how, How::Invalid(why) if why.contains(words));
        assert!(invalid, "not invalid for {words:?}, but {self}");
    }

    #[track_caller]
    fn refused(self, words: &str) -> String {
        match &self.how {
            How::Refused(why) if why.contains(words) => why.clone(),
            _ => panic!("not refused for {words:?}, but {self}"),
        }
    }
}

/// The batch that has a guest attack: with two more messages behind the one that says so.
fn told(attack: Attack, argument: &str) -> Batch {
    batch(&[&attack.message(argument), "second", "third"])
}

/// Has a guest attack.
fn attack(attack: Attack, argument: &str, limits: &ParserLimits) -> End {
    let loaded = match attack.guest() {
        Guest::Wat | Guest::Bomb => load(attack, limits),
        guest => take(guest, limits).map_or_else(|| load(attack, limits), Ok),
    };
    match loaded {
        Ok(mut parser) => {
            let end = End::of(attack, parser.parse(&told(attack, argument)));
            give_back(attack.guest(), limits, parser);
            end
        }
        Err(LoadError::Refused { refusal, .. }) => End {
            attack,
            how: How::Refused(refusal.to_string()),
        },
        Err(other) => panic!("{attack:?}: {other}"),
    }
}

/// Parsers of guests that can be told more than one thing: every batch has an instance of its
/// own, and an interpreter takes long to load.
static LOADED: Mutex<Vec<(Guest, ParserLimits, Parser)>> = Mutex::new(Vec::new());

fn take(guest: Guest, limits: &ParserLimits) -> Option<Parser> {
    let mut loaded = LOADED.lock().unwrap();
    let at = loaded
        .iter()
        .position(|(of, with, _)| *of == guest && with == limits)?;
    Some(loaded.swap_remove(at).2)
}

fn give_back(guest: Guest, limits: &ParserLimits, parser: Parser) {
    if !matches!(guest, Guest::Wat | Guest::Bomb) {
        let loaded = (guest, limits.clone(), parser);
        LOADED.lock().unwrap().push(loaded);
    }
}
