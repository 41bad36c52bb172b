#!/usr/bin/env python3
"""Runs a script as the original connector did: in this Python, without a sandbox.

    native.py parser.py in.ndjson [--batch N] [--topic NAME]

Prints what `parse_messages` returned as JSON, a line a batch. A line of the input is an object with
`value`, and `partition` (0) and `offset` (the line's index).
"""

import argparse
import json
import sys
from contextlib import redirect_stdout
from pathlib import Path


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("script", type=Path)
    arguments.add_argument("messages", type=Path)
    arguments.add_argument("--batch", type=int, default=1000)
    arguments.add_argument("--topic", default="events")
    given = arguments.parse_args()

    messages = []
    # Not splitlines(): a value may have U+2028 in it, which JSON leaves as it is.
    lines = given.messages.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    for index, line in enumerate(lines):
        message = json.loads(line)
        messages.append(
            {
                "message": message["value"],
                "offset": message.get("offset", index),
                "partition": message.get("partition", 0),
            }
        )
    # What a script prints is no part of what it returns.
    with redirect_stdout(sys.stderr):
        lines = list(run(given.script, given.topic, messages, given.batch))
    sys.stdout.reconfigure(encoding="utf-8")
    for line in lines:
        print(line)


def run(script, topic, messages, batch):
    # A module, as dataclasses and pickle look a class's module up.
    module = type(sys)("message_parser")
    sys.modules[module.__name__] = module
    exec(compile(script.read_text(encoding="utf-8"), script.name, "exec"), module.__dict__)
    for start in range(0, len(messages), batch):
        items = module.parse_messages(topic, messages[start : start + batch])
        yield json.dumps(
            [{"container": item["container"], "artifacts": item["artifacts"]} for item in items],
            ensure_ascii=False,
            allow_nan=False,
            separators=(",", ":"),
        )


if __name__ == "__main__":
    main()
