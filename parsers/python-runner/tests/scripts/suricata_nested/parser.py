"""Suricata's eve.json: nested objects become flat fields, one container for each source host."""
import json
from collections import defaultdict


def flatten(value, prefix=""):
    flat = {}
    if isinstance(value, dict):
        for key, inner in value.items():
            flat.update(flatten(inner, prefix + "." + key if prefix else key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            flat.update(flatten(inner, "%s[%d]" % (prefix, index)))
    else:
        flat[prefix] = value
    return flat


SEVERITY = {1: "high", 2: "medium", 3: "low"}


def parse_messages(topic, messages):
    by_host = defaultdict(list)
    problems = []
    for m in messages:
        try:
            event = json.loads(m["message"])
        except json.JSONDecodeError as e:
            problems.append({"name": "not JSON", "cef": {"error": e.msg, "line": e.lineno, "column": e.colno, "message": m["message"]}})
            continue
        if event.get("event_type") == "stats":
            continue
        alert = event.get("alert") or {}
        by_host[event.get("src_ip", "unknown")].append({
            "name": alert.get("signature", event.get("event_type", "event")),
            "severity": SEVERITY.get(alert.get("severity"), "low"),
            "type": "network",
            "cef": flatten(event),
            "data": event,
        })
    containers = []
    for host in sorted(by_host):
        artifacts = by_host[host]
        worst = min((a["severity"] for a in artifacts), key=["high", "medium", "low"].index)
        containers.append({"container": {"name": "Suricata: " + host, "severity": worst}, "artifacts": artifacts})
    if problems:
        containers.append({"container": {"name": "Suricata: unreadable"}, "artifacts": problems})
    return containers
