# Whatever comes: JSON, key=value, a date at the beginning, or just text
import ast
import json
import re
from datetime import date, datetime, timedelta

PAIRS = re.compile(r"(\w+)=(\S+)")
DATES = [
    (re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d"), "%Y-%m-%d %H:%M:%S"),
    (re.compile(r"^\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d"), "%d/%b/%Y:%H:%M:%S"),
    (re.compile(r"^\d\d\.\d\d\.\d{4}"), "%d.%m.%Y"),
]


class NotThis(Exception):
    pass


def as_json(text):
    try:
        value = json.loads(text)
    except ValueError as e:
        raise NotThis("json") from e
    if not isinstance(value, dict):
        raise NotThis("no object")
    return value


def as_literal(text):
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as e:
        raise NotThis("literal") from e
    if not isinstance(value, dict):
        raise NotThis("no dict")
    return {str(k): list(v) if isinstance(v, (tuple, set)) else v for k, v in value.items()}


def as_pairs(text):
    found = dict(PAIRS.findall(text))
    if len(found) < 2:
        raise NotThis("pairs")
    return found


def as_dated(text):
    for pattern, form in DATES:
        m = pattern.match(text)
        if m:
            when = datetime.strptime(m.group().replace("T", " "), form)
            return {
                "when": when.isoformat(), "weekday": when.strftime("%A"), "iso": list(when.isocalendar()),
                "days": (when.date() - date(2026, 1, 1)).days, "before": str(when - timedelta(hours=36)),
                "text": text[m.end():].strip(),
            }
    raise NotThis("date")


def parse_messages(topic, messages):
    out = []
    for m in messages:
        tried = []
        for attempt in (as_json, as_literal, as_pairs, as_dated):
            try:
                fields = attempt(m["message"])
                break
            except NotThis as e:
                cause = type(e.__cause__).__name__ if e.__cause__ else None
                tried.append("%s: %s" % (attempt.__name__, cause or e))
        else:
            fields = {"message": m["message"]}
        out.append({
            "container": {"name": "event", "data": {"tried": tried}},
            "artifacts": [{"name": tried and "guessed" or "clear", "cef": fields}],
        })
    return out
