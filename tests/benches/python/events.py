"""JSON events to containers, grouped by host, as scripts that people have do."""

import json
import re

ADDRESS = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")
SEVERITY = {"failure": "high", "success": "low"}


def parse_messages(topic, messages):
    by_host = {}
    for message in messages:
        event = json.loads(message["message"])
        artifact = {
            "name": f"{event['action']} {event['outcome']}",
            "label": "event",
            "severity": SEVERITY.get(event["outcome"], "medium"),
            "source_data_identifier": f"{message['partition']}:{message['offset']}",
            "cef": {
                "sourceAddress": event["src"],
                "destinationHostName": event["host"],
                "sourceUserName": event["user"],
                "addresses": ADDRESS.findall(message["message"]),
                "startTime": event["ts"],
            },
        }
        by_host.setdefault(event["host"], []).append(artifact)
    return [
        {"container": {"name": f"{topic}: {host}", "label": "events"}, "artifacts": artifacts}
        for host, artifacts in by_host.items()
    ]
