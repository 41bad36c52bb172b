# Stages as generators; the last one makes the list that the contract asks for.
import itertools
import json
import operator


def decoded(messages):
    for m in messages:
        try:
            value = json.loads(m["message"])
        except ValueError:
            continue
        yield from (dict(v, _at=(m["partition"], m["offset"], n)) for n, v in enumerate(value if isinstance(value, list) else [value]))


def only(events, **wanted):
    return (e for e in events if all(e.get(k) in v for k, v in wanted.items()))


def numbered(events):
    counter = itertools.count(1)
    for event in events:
        yield {**event, "number": next(counter)}


def windows(iterable, size):
    a = list(iterable)
    for start in range(0, len(a), size):
        yield a[start:start + size]


def running(values):
    return list(itertools.accumulate(values, operator.add))


def parse_messages(topic, messages):
    events = numbered(only(decoded(messages), level={"warn", "error"}))
    by_host = operator.itemgetter("host")
    out = []
    for host, group in itertools.groupby(sorted(events, key=by_host), key=by_host):
        group, copy = itertools.tee(group)
        sizes = running(e.get("size", 0) for e in copy)
        for part, chunk in enumerate(windows(group, 2), 1):
            out.append({
                "container": {"name": f"{host} part {part}", "data": {"sizes": sizes, "pairs": list(itertools.pairwise(sizes))}},
                "artifacts": [{"name": e["level"], "cef": {k: v for k, v in e.items() if not k.startswith("_")},
                               "source_data_identifier": ":".join(map(str, e["_at"]))} for e in chunk],
            })
    out.extend(
        {"container": {"name": "".join(p)}, "artifacts": []}
        for p in itertools.islice(itertools.product("ab", repeat=2), len(out) and 1)
    )
    return out
