"""The original connector's side of `benches/python.rs`: CPython itself, no sandbox.

Arguments: the script and a file of messages (`partition<TAB>offset<TAB>text` lines, an empty line
between batches). For each line on standard input it runs all batches, and prints the nanoseconds
that took.
"""

import json
import sys
import time

script, messages = sys.argv[1:]
namespace = {"__name__": "message_parser"}
with open(script, encoding="utf-8") as file:
    exec(compile(file.read(), script, "exec"), namespace)
parse_messages = namespace["parse_messages"]

batches = [[]]
with open(messages, encoding="utf-8") as file:
    for line in file:
        line = line.rstrip("\n")
        if line:
            partition, offset, text = line.split("\t", 2)
            batches[-1].append((int(partition), int(offset), text.encode()))
        else:
            batches.append([])

print(sys.version.split()[0], flush=True)
for _ in sys.stdin:
    begun = time.perf_counter_ns()
    for batch in batches:
        # As the connector does with what its Kafka client hands over.
        parsed = parse_messages(
            "topic",
            [
                {"message": value.decode("utf-8"), "offset": offset, "partition": partition}
                for partition, offset, value in batch
            ],
        )
        # What is sent to SOAR is JSON.
        json.dumps(parsed, ensure_ascii=False, separators=(",", ":"))
    print(time.perf_counter_ns() - begun, flush=True)
