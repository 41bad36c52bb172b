#!/usr/bin/env python3
"""What the default parser must return: the original connector's, written down again.

This is the oracle of the default parser's conformance test. It was written from the contract that
Splunk's Kafka connector documents for `parse_messages` and from what its default parser was seen to
return, not from the code under test, and it stays plain enough to be checked by reading.

For a poll of one topic there is one container and an artifact a message, in message order:

* container: `name` is "Messages ingested from {topic} at {time}", `description` is "Some messages
  from Kafka", `run_automation` is false; nothing else.
* artifact: `source_data_identifier` is "{partition}:{offset}"; `cef` is {"message": text}; `name` is
  the text's first 100 characters; `run_automation` is false on all but the last artifact, which
  doesn't have the key (SOAR then starts playbooks once, when the container is complete).

Three things are easy to get wrong and are meant:

* A character is a Unicode code point, as in Python's `text[:100]`: neither a byte, a UTF-16 unit nor
  what a reader takes for a character. A cut may fall within an emoji sequence.
* The text is passed on as it came: a null character, a byte order mark, a trailing newline and an
  empty text are all kept, in `cef.message` and in `name`.
* The time is the poll's start in local time, cut (not rounded) to the second.

Usage: reference.py < cases.ndjson > results.ndjson

A case is a JSON object a line:

    {"name": str, "topic": str,
     "started": {"unix_ms": int, "utc_offset_minutes": int},
     "messages": [{"partition": int, "offset": int, "value": str}, ...]}

A result is a JSON object a line, in the order of the cases:

    {"name": str, "ingests": [{"container": {...}, "artifacts": [{...}, ...]}]}

Results are ASCII: every other character is written as a \\u escape, so that no locale and no
terminal can change them. A case that isn't of this form ends the run with exit code 2 and a message
that names the line and the field. Runs on CPython 3.9 and later, with the standard library only.
"""

import json
import re
import sys
from datetime import datetime, timedelta

NAME_LENGTH = 100  # characters of a message that become its artifact's name
I32_MAX = 2**31 - 1
I64_MAX = 2**63 - 1
MAX_OFFSET_MINUTES = 1080  # the bound of the host's interface, east and west
EPOCH = datetime(1970, 1, 1)  # UTC, without saying so: only differences matter


def local_time(started):
    """The poll's start on the wall clock, as the container's name shows it.

    Not `fromtimestamp`: the zone of the machine that runs this must not matter.
    """
    since_epoch = timedelta(milliseconds=started["unix_ms"], minutes=started["utc_offset_minutes"])
    local = EPOCH + since_epoch
    return local.strftime("%Y-%m-%d %H:%M:%S")


def parse_messages(topic, messages, started):
    """The containers with their artifacts that the default parser makes of a poll.

    `messages` is a list of dicts with `partition`, `offset` and `value`, in the order in which they
    were read; there is at least one, as the parser isn't called for an empty poll.
    """
    artifacts = [
        {
            "source_data_identifier": "%d:%d" % (message["partition"], message["offset"]),
            "cef": {"message": message["value"]},
            "name": message["value"][:NAME_LENGTH],
            "run_automation": False,
        }
        for message in messages
    ]
    del artifacts[-1]["run_automation"]
    container = {
        "name": "Messages ingested from %s at %s" % (topic, local_time(started)),
        "description": "Some messages from Kafka",
        "run_automation": False,
    }
    return [{"container": container, "artifacts": artifacts}]


class BadCase(Exception):
    """A line of the input isn't a case."""


def no_duplicates(pairs):
    """Builds a JSON object; a repeated key is a mistake in a case, never a last one that wins."""
    object_ = dict(pairs)
    if len(object_) != len(pairs):
        raise BadCase("an object has a key twice: %s" % ", ".join(key for key, _ in pairs))
    return object_


def take(where, object_, fields):
    """Checks that `object_` has exactly these fields of these types."""
    if not isinstance(object_, dict):
        raise BadCase("%s: expected an object, found %s" % (where, type(object_).__name__))
    for key in object_:
        if key not in fields:
            raise BadCase("%s: unknown field %r" % (where, key))
    for key, kind in fields.items():
        if key not in object_:
            raise BadCase("%s: the field %r is missing" % (where, key))
        # A bool is an int to isinstance, but not to JSON.
        if type(object_[key]) is not kind:
            raise BadCase("%s.%s: expected %s, found %s"
                          % (where, key, kind.__name__, type(object_[key]).__name__))


def between(where, value, low, high):
    if not low <= value <= high:
        raise BadCase("%s: %d isn't between %d and %d" % (where, value, low, high))


def check(case):
    """Refuses a case that no broker and no host could present."""
    take("case", case, {"name": str, "topic": str, "started": dict, "messages": list})
    if not re.fullmatch(r"[a-zA-Z0-9._-]{1,249}", case["topic"]) or case["topic"] in (".", ".."):
        raise BadCase("case.topic: %r isn't a legal topic name" % case["topic"])
    started = case["started"]
    take("case.started", started, {"unix_ms": int, "utc_offset_minutes": int})
    between("case.started.unix_ms", started["unix_ms"], 0, 2**64 - 1)
    between("case.started.utc_offset_minutes", started["utc_offset_minutes"],
            -MAX_OFFSET_MINUTES, MAX_OFFSET_MINUTES)
    try:
        local_time(started)
    except OverflowError:
        raise BadCase("case.started: after the year 9999 of the local clock, which the original can't show") from None
    if not case["messages"]:
        raise BadCase("case.messages: empty, but the parser isn't called for an empty poll")
    read = {}  # the last offset of each partition
    for index, message in enumerate(case["messages"]):
        where = "case.messages[%d]" % index
        take(where, message, {"partition": int, "offset": int, "value": str})
        between(where + ".partition", message["partition"], 0, I32_MAX)
        between(where + ".offset", message["offset"], 0, I64_MAX)
        if message["offset"] <= read.get(message["partition"], -1):
            raise BadCase(where + ".offset: offsets ascend within a partition")
        read[message["partition"]] = message["offset"]
        try:
            message["value"].encode("utf-8")
        except UnicodeEncodeError:
            raise BadCase(where + ".value: a lone surrogate, which no UTF-8 message has") from None


def run(lines, out):
    """Answers each case of `lines` (bytes or text) with a line on `out`."""
    for number, line in enumerate(lines, 1):
        try:
            case = json.loads(line, object_pairs_hook=no_duplicates)
            check(case)
        except (ValueError, BadCase) as fault:
            raise BadCase("line %d: %s" % (number, fault)) from None
        ingests = parse_messages(case["topic"], case["messages"], case["started"])
        out.write(json.dumps({"name": case["name"], "ingests": ingests}) + "\n")


def main():
    if len(sys.argv) != 1:
        sys.stderr.write("usage: reference.py < cases.ndjson > results.ndjson\n")
        return 2
    try:
        # Bytes, because a text stream's universal newlines and locale have no business here.
        run(sys.stdin.buffer, sys.stdout)
    except BadCase as fault:
        sys.stdout.flush()
        sys.stderr.write("reference.py: %s\n" % fault)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
