//! The cache of native code, in the hands of somebody who can write to it: whatever is found
//! there, the parser that was asked for is what runs.

use std::{
    ffi::CString,
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use kafka_soar::{
    config::{ParserSource, Policy, read_file},
    sandbox::{Cache, inspect},
};
use kafka_soar_tests::guests::Attack;

use super::limits;
use crate::sandbox::{STARTED, batch};

/// A cache with native code of two parsers in it: one that is wanted, and one that isn't.
struct Poisoned {
    _root: tempfile::TempDir,
    directory: PathBuf,
}

/// Returns an empty outcome.
const WANTED: Attack = Attack::WatPure;
/// Crashes.
const UNWANTED: Attack = Attack::WatParseUnreachable;

impl Poisoned {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("cache");
        let poisoned = Self {
            _root: root,
            directory,
        };
        assert!(poisoned.runs(WANTED) && !poisoned.runs(UNWANTED));
        poisoned
    }

    /// Loads it as a process does that starts now, and tells whether it returns anything.
    fn runs(&self, parser: Attack) -> bool {
        runs(&self.directory, parser)
    }

    fn entry(&self, parser: Attack) -> PathBuf {
        entry(&self.directory, parser)
    }

    fn holds(&self) {
        assert!(self.runs(WANTED));
        // And once more with what was left there.
        assert!(self.runs(WANTED) && !self.runs(UNWANTED));
    }
}

fn runs(directory: &Path, parser: Attack) -> bool {
    let sandbox = kafka_soar_tests::sandbox(Some(Cache::open(directory).unwrap()));
    let source = ParserSource::Component {
        name: "guest".into(),
        bytes: parser.component().into_owned(),
        signature: None,
    };
    let mut parser = sandbox
        .load(&source, &Policy::default(), &limits(), "{}", STARTED)
        .unwrap();
    parser.parse(&batch(&["x"])).is_ok()
}

/// The file of a parser, whatever else its name has in it.
fn entry(directory: &Path, parser: Attack) -> PathBuf {
    let digest = inspect(&parser.component(), None, &Policy::default()).digest;
    fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_str().unwrap().contains(&digest))
        .expect("an entry of that parser")
}

#[test]
fn another_parsers_code_is_never_loaded() {
    let cache = Poisoned::new();
    fs::copy(cache.entry(UNWANTED), cache.entry(WANTED)).unwrap();
    cache.holds();
}

#[test]
fn code_of_another_engine_is_never_loaded() {
    let cache = Poisoned::new();
    let engine = wasmtime::Engine::default();
    let foreign = engine.precompile_component(&UNWANTED.component()).unwrap();
    fs::write(cache.entry(WANTED), foreign).unwrap();
    cache.holds();
}

#[test]
fn damaged_code_is_never_loaded() {
    let cache = Poisoned::new();
    let path = cache.entry(WANTED);
    let whole = fs::read(&path).unwrap();
    for bit in (0..whole.len() * 8).step_by(whole.len() * 8 / 50) {
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, damaged).unwrap();
        assert!(cache.runs(WANTED), "bit {bit}");
    }
    for length in [0, 1, 31, 32, 33, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(cache.runs(WANTED), "{length} bytes");
    }
    fs::write(&path, [&*whole, b"more"].concat()).unwrap();
    cache.holds();
}

#[test]
fn an_entry_is_a_file() {
    let cache = Poisoned::new();
    let (wanted, unwanted) = (cache.entry(WANTED), cache.entry(UNWANTED));

    fs::remove_file(&wanted).unwrap();
    symlink(&unwanted, &wanted).unwrap();
    let before = fs::read(&unwanted).unwrap();
    cache.holds();
    assert!(
        fs::read(&unwanted).unwrap() == before,
        "written through a link"
    );

    fs::remove_file(&wanted).unwrap();
    symlink("/dev/zero", &wanted).unwrap();
    cache.holds();

    fs::remove_file(&wanted).unwrap();
    fs::hard_link(&unwanted, &wanted).unwrap();
    cache.holds();

    // A directory can't be replaced by a file: compiled each time.
    fs::remove_file(&wanted).unwrap();
    fs::create_dir(&wanted).unwrap();
    fs::write(wanted.join("inside"), "x").unwrap();
    cache.holds();
}

/// Opening one to read waits for somebody who writes.
#[test]
fn a_named_pipe_is_not_waited_for() {
    let cache = Poisoned::new();
    let wanted = cache.entry(WANTED);
    fs::remove_file(&wanted).unwrap();
    make_pipe(&wanted);
    let (done, waiting) = mpsc::channel();
    let loading = thread::spawn(move || {
        cache.holds();
        done.send(())
    });
    waiting
        .recv_timeout(Duration::from_mins(1))
        .expect("loading ends");
    loading.join().unwrap().unwrap();
}

fn make_pipe(path: &Path) {
    let name = CString::new(path.to_str().unwrap()).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &name, rustix::fs::FileType::Fifo, mode, 0).unwrap();
}

#[test]
fn an_entry_that_others_can_write_is_never_loaded() {
    let cache = Poisoned::new();
    let wanted = cache.entry(WANTED);
    fs::copy(cache.entry(UNWANTED), &wanted).unwrap();
    fs::set_permissions(&wanted, fs::Permissions::from_mode(0o666)).unwrap();
    cache.holds();
}

#[test]
fn a_directory_behind_a_link_is_no_cache() {
    let cache = Poisoned::new();
    let link = cache.directory.with_file_name("link");
    symlink(&cache.directory, &link).unwrap();
    Cache::open(&link).unwrap_err();
}

/// Another process that puts other things into the place of an entry, over and over.
struct Racer(Child);

impl Racer {
    /// It ends with its standard input, and so with this process, however that ends.
    fn start(wanted: &Path, unwanted: &Path, junk: &Path) -> Self {
        const SCRIPT: &str = r#"
            exec 3<&0
            ( cat <&3 >/dev/null; kill $$ ) &
            while :; do
              cp "$2" "$3"; mv -fT "$3" "$1"
              ln -sfT "$2" "$1"
              mkfifo "$3" && mv -fT "$3" "$1"
              printf junk >"$3"; mv -fT "$3" "$1"
            done"#;
        let child = Command::new("sh")
            .args(["-c", SCRIPT, "racer"])
            .args([wanted, unwanted, junk])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }
}

impl Drop for Racer {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

#[test]
fn an_entry_that_changes_while_it_is_read_is_never_loaded_wrong() {
    let cache = Poisoned::new();
    let junk = cache.directory.with_file_name("junk");
    // Kept beside, since loading the unwanted one isn't part of the race.
    let unwanted = cache.directory.with_file_name("unwanted");
    fs::copy(cache.entry(UNWANTED), &unwanted).unwrap();
    let racer = Racer::start(&cache.entry(WANTED), &unwanted, &junk);
    let (done, waiting) = mpsc::channel();
    let loading = thread::spawn(move || {
        for round in 0..200 {
            assert!(cache.runs(WANTED), "round {round}");
        }
        done.send(()).unwrap();
        cache
    });
    let ended = waiting.recv_timeout(Duration::from_mins(2));
    drop(racer);
    ended.expect("two hundred rounds, none of them wrong, none waiting for ever");
    loading.join().unwrap();
}

/// Says that it is over when it goes out of scope, in a panic too.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A file is read once, and what was read is what is looked at, compiled and run, whatever the
/// file is by then.
#[test]
fn the_parser_that_was_looked_at_is_the_one_that_runs() {
    let cache = Poisoned::new();
    let file = cache.directory.with_file_name("parser.wasm");
    let (wanted, unwanted) = (WANTED.component(), UNWANTED.component());
    fs::write(&file, &wanted).unwrap();
    let over = AtomicBool::new(false);
    let sandbox = kafka_soar_tests::sandbox(Some(Cache::open(&cache.directory).unwrap()));
    thread::scope(|scope| {
        scope.spawn(|| {
            // Half written for a moment, and then whole for another.
            for parser in [&unwanted, &wanted].into_iter().cycle() {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                fs::write(&file, parser).unwrap();
                thread::sleep(Duration::from_millis(1));
            }
        });
        let _over = Over(&over);
        let mut read = [0, 0];
        for round in 0..10_000 {
            if round >= 200 && read.iter().all(|&times| times > 0) {
                break;
            }
            let Ok(bytes) = read_file(&file) else {
                continue;
            };
            let (is_wanted, is_unwanted) = (bytes == *wanted, bytes == *unwanted);
            let source = ParserSource::Component {
                name: "guest".into(),
                bytes,
                signature: None,
            };
            match sandbox.load(&source, &Policy::default(), &limits(), "{}", STARTED) {
                Ok(mut parser) => {
                    let ran = parser.parse(&batch(&["x"])).is_ok();
                    assert!(ran == is_wanted && ran != is_unwanted);
                    read[usize::from(ran)] += 1;
                }
                Err(error) => assert!(!is_wanted && !is_unwanted, "{error}"),
            }
        }
        assert!(read.iter().all(|&times| times > 0), "{read:?}");
    });
}
