"""Severity rises while the same account keeps failing: what was seen is kept over the batches of a poll."""
import collections
import copy
import json

THRESHOLDS = ((2, "medium"), (4, "high"))
failures = collections.Counter()
recent = collections.defaultdict(lambda: collections.deque(maxlen=3))
TEMPLATE = {"container": {"name": None, "severity": "low", "tags": ["auth"], "data": {"history": []}}, "artifacts": []}
batch_number = 0


def severity(count):
    level = "low"
    for threshold, name in THRESHOLDS:
        if count >= threshold:
            level = name
    return level


def make_counter():
    count = 0

    def counter(step=1):
        nonlocal count
        count += step
        return count

    return counter


next_number = make_counter()


def parse_messages(topic, messages):
    global batch_number
    batch_number += 1
    out = []
    for m in messages:
        event = json.loads(m["message"])
        user = event["user"].casefold()
        if event["ok"]:
            failures.pop(user, None)
            recent[user].clear()
            continue
        failures[user] += 1
        recent[user].append(event.get("ip"))
        item = copy.deepcopy(TEMPLATE)
        item["container"].update(name="Failed login of %s" % event["user"], severity=severity(failures[user]))
        item["container"]["data"]["history"].extend(recent[user])
        item["container"]["data"].update(batch=batch_number, total=+failures[user], most=failures.most_common(1))
        item["artifacts"].append({"name": "login", "cef": event, "source_data_identifier": str(next_number())})
        out.append(item)
    return out
