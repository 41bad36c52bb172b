# Looks for domains made by an algorithm
import math
import statistics
import unicodedata
from collections import Counter

VOWELS = set("aeiou")


def entropy(text):
    if not text:
        return 0.0
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())


def scripts(text):
    return sorted({unicodedata.name(c, "?").split(" ")[0] for c in text if c.isalpha()})


def punycode(label):
    try:
        return label.encode("idna").decode("ascii")
    except UnicodeError as e:
        return "invalid"


def decoded(label):
    if label.startswith("xn--"):
        try:
            return label[4:].encode("ascii").decode("punycode")
        except UnicodeError:
            return label
    return label


def parse_messages(topic, messages):
    measured = []
    for m in messages:
        client, name, kind = (m["message"].split() + ["A"])[:3]
        labels = name.rstrip(".").split(".")
        label = max(labels[:-1] or labels, key=len)
        shown = decoded(label)
        measured.append({
            "client": client, "name": name, "kind": kind, "label": shown,
            "entropy": round(entropy(shown), 4),
            "vowels": round(sum(c in VOWELS for c in shown) / max(len(shown), 1), 3),
            "scripts": scripts(shown),
            "ascii": punycode(shown),
            "folded": unicodedata.normalize("NFKC", shown).casefold(),
        })
    if not measured:
        return []
    values = [q["entropy"] for q in measured]
    limit = round(statistics.mean(values) + statistics.pstdev(values), 4)
    return [
        {
            "container": {
                "name": "Odd name " + q["name"],
                "severity": "high" if len(q["scripts"]) > 1 else "medium",
                "data": {"limit": limit, "median": statistics.median(values)},
            },
            "artifacts": [{"name": "dns query", "cef": {"destinationDnsDomain": q["name"], "sourceAddress": q["client"], **q}}],
        }
        for q in measured
        if q["entropy"] >= limit or len(q["scripts"]) > 1 or q["label"] != q["folded"]
    ]
