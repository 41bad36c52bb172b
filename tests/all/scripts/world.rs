//! What a script finds around it: the standard library, and nothing of the host's.

use super::{names, script};
use crate::sandbox::{STARTED, batch};

/// Runs the body of a `parse_messages`, which leaves a list of text in `found`.
fn found(body: &str) -> Vec<String> {
    let indented: String = body
        .lines()
        .flat_map(|line| ["    ", line, "\n"])
        .collect();
    let text = format!(
        "def parse_messages(topic, messages):\n{indented}    return [{{'container': {{'name': str(f)}}, \
         'artifacts': []}} for f in found]\n"
    );
    names(&script(&text).parse(&batch(&["x"])))
}

/// docs/scripts.md and the runner's README have this list.
#[test]
fn these_modules_are_absent_and_no_others() {
    let absent = found(
        "
import importlib, sys
found = []
for name in sorted(sys.stdlib_module_names):
    try:
        if not name.startswith('_'):
            importlib.import_module(name)
    except ImportError:
        found.append(name)
",
    );
    let expected = "antigravity bz2 ctypes curses ensurepip fcntl grp idlelib lzma mmap msvcrt nt pty pwd \
                    pydoc_data readline resource ssl syslog termios this tkinter tty turtle turtledemo \
                    venv winreg winsound";
    assert_eq!(absent, expected.split(' ').collect::<Vec<_>>());
}

#[test]
fn nothing_of_the_builder_is_left() {
    let found = found(
        "
import os, sys
import __main__
found = [dict(os.environ), sys.path, sys.argv, __name__, __file__]
",
    );
    assert_eq!(
        found,
        ["{}", "[]", "['']", "message_parser", "parser.py"]
    );
}

#[test]
fn the_clock_stands_at_the_polls_start_and_local_time_is_utc() {
    let found = found(
        "
import time
from datetime import datetime, timezone
before = time.time()
time.sleep(3600)
found = [round(before * 1000), time.time() == before, time.monotonic() == time.monotonic(), time.tzname,
         datetime.now().timestamp() == datetime.now(timezone.utc).timestamp()]
",
    );
    assert_eq!(
        found,
        [&STARTED.unix_ms.to_string(), "True", "True", "('UTC', 'UTC')", "True"]
    );
}

#[test]
fn random_numbers_follow_from_the_batch() {
    let text = "
import random, secrets, uuid
def parse_messages(topic, messages):
    found = [random.random(), secrets.token_hex(8), uuid.uuid4()]
    return [{'container': {'name': str(f)}, 'artifacts': []} for f in found]
";
    let once = |values: &[&str]| names(&script(text).parse(&batch(values)));
    assert_eq!(once(&["a"]), once(&["a"]));
    let mut of_another_topic = kafka_soar::model::Batch::new("another");
    of_another_topic.push(&kafka_soar::model::Record {
        position: kafka_soar::model::Position {
            partition: 1,
            offset: 7,
        },
        timestamp: kafka_soar::model::NO_TIMESTAMP,
        key: None,
        value: Some(b"a"),
        headers: vec![],
    });
    let other = names(&script(text).parse(&of_another_topic));
    for (one, other) in once(&["a"]).iter().zip(&other) {
        assert_ne!(one, other);
    }
}

#[test]
fn time_zones_are_there_without_files() {
    let found = found(
        "
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones
when = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo('America/New_York'))
found = [when.astimezone(ZoneInfo('Asia/Kolkata')), len(available_timezones()) > 500]
try:
    ZoneInfo('Mars/Olympus')
except ZoneInfoNotFoundError as e:
    found.append(e)
",
    );
    assert_eq!(
        found,
        [
            "2026-07-01 21:30:00+05:30",
            "True",
            "'No time zone found with key Mars/Olympus'"
        ]
    );
}

#[test]
fn asyncio_runs_and_takes_no_time() {
    let found = found(
        "
import asyncio
order = []
async def wait(seconds):
    await asyncio.sleep(seconds)
    order.append(seconds)
async def main():
    await asyncio.gather(wait(3600), wait(60))
    try:
        async with asyncio.timeout(5):
            await asyncio.Event().wait()
    except TimeoutError:
        order.append('timed out')
asyncio.run(main())
found = order
",
    );
    assert_eq!(found, ["60", "3600", "timed out"]);
}

/// What these do, with as many calls as Python allows, fits on the stack.
#[test]
fn recursion_through_c_is_a_recursion_error() {
    let found = found(
        "
import functools, json, re
class A:
    def __getattr__(self, name): return getattr(self, name + 'x')
    def __str__(self): return '%s' % self
    def __format__(self, spec): return '{}'.format(self)
    def __eq__(self, other): return [self] == [other]
    def __repr__(self): return repr([A()])
a = A()
class D(dict):
    def __missing__(self, key): return self[key + 1]
class J(json.JSONEncoder):
    def default(self, o): return json.dumps({'a': [o]}, cls=J)
by_key = lambda x: sorted([1, 2], key=by_key)
mapped = lambda x: list(map(mapped, [x]))
reduced = lambda a, b: functools.reduce(reduced, [1, 2])
replaced = lambda m: re.sub('a', replaced, 'a')
@functools.lru_cache
def cached(n): return cached(n + 1)
found = []
for attempt in (lambda: a.x, lambda: str(a), lambda: format(a), lambda: a == A(), lambda: repr(a), lambda: D()[1],
                lambda: json.dumps({1}, cls=J), lambda: by_key(1), lambda: mapped(1), lambda: reduced(1, 2),
                lambda: replaced(0), lambda: cached(1)):
    try:
        attempt()
        found.append('came back')
    except RecursionError:
        found.append('RecursionError')
",
    );
    assert_eq!(found, vec!["RecursionError"; 12]);
}
