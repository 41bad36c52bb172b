from collections import Counter, namedtuple
from html import escape, unescape
from urllib.parse import parse_qsl, quote, unquote_plus, urlencode, urljoin, urlsplit
import re

LOG = re.compile(
    r'(?P<ip>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{3}) (?P<size>\S+)'
    r'(?: "(?P<referer>[^"]*)" "(?P<agent>[^"]*)")?')
Request = namedtuple("Request", "method path query protocol")
ATTACKS = [
    ("sql injection", re.compile(r"(?i)\bunion\b.+\bselect\b|'\s*or\s+1=1")),
    ("traversal", re.compile(r"\.\./|\.\.\\")),
    ("script", re.compile(r"(?i)<script")),
]


def request(text):
    words = text.split(" ")
    if len(words) != 3:
        return Request(None, text, [], None)
    url = urlsplit(words[1])
    return Request(words[0], unquote_plus(url.path), parse_qsl(url.query, keep_blank_values=True), words[2])


def parse_messages(topic, messages):
    statuses = Counter()
    artifacts = []
    for m in messages:
        match = LOG.match(m["message"])
        if match is None:
            statuses["unreadable"] += 1
            continue
        r = request(match["request"])
        statuses[match["status"]] += 1
        haystack = " ".join([r.path] + [v for _, v in r.query])
        kinds = [name for name, pattern in ATTACKS if pattern.search(haystack)]
        if not kinds and match["status"] < "500":
            continue
        artifacts.append({
            "name": ", ".join(kinds) or "server error",
            "cef": {
                "sourceAddress": match["ip"],
                "requestMethod": r.method,
                "requestURL": urljoin("https://www.example.com/", quote(r.path, safe="/")) + ("?" + urlencode(r.query) if r.query else ""),
                "parameters": dict(r.query),
                "shown": escape(haystack),
                "agent": unescape(match["agent"] or ""),
            },
        })
    return [{
        "container": {"name": "%d suspicious requests" % len(artifacts), "data": {"statuses": dict(sorted(statuses.items()))}},
        "artifacts": artifacts,
    }]
