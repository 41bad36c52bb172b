import json
from datetime import datetime, timedelta, timezone
from itertools import groupby
from operator import itemgetter

RISKY = {"ConsoleLogin", "CreateAccessKey", "StopLogging", "PutBucketPolicy", "AuthorizeSecurityGroupIngress"}
WINDOW = timedelta(minutes=5)


def when(record):
    return datetime.strptime(record["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)


def actor(record):
    identity = record.get("userIdentity", {})
    try:
        return identity["arn"].rsplit("/", 1)[-1]
    except KeyError:
        return identity.get("type", "?") + ":" + identity.get("principalId", identity.get("invokedBy", "?"))


def records(messages):
    for m in messages:
        document = json.loads(m["message"])
        for record in document["Records"] if "Records" in document else [document]:
            yield {"actor": actor(record), "when": when(record), "record": record}


def bursts(entries):
    """Entries no more than WINDOW apart belong together."""
    burst = []
    for entry in entries:
        if burst and entry["when"] - burst[-1]["when"] > WINDOW:
            yield burst
            burst = []
        burst.append(entry)
    if burst:
        yield burst


def parse_messages(topic, messages):
    out = []
    entries = sorted(records(messages), key=itemgetter("actor", "when"))
    for name, of_actor in groupby(entries, key=itemgetter("actor")):
        for burst in bursts(of_actor):
            events = [e["record"]["eventName"] for e in burst]
            out.append({
                "container": {
                    "name": "%s: %d AWS calls" % (name, len(burst)),
                    "severity": "high" if RISKY.intersection(events) else "low",
                    "start_time": burst[0]["when"].isoformat(),
                    "end_time": (burst[-1]["when"] + timedelta(seconds=1)).isoformat(),
                },
                "artifacts": [
                    {
                        "name": e["record"]["eventName"],
                        "source_data_identifier": e["record"].get("eventID"),
                        "cef": {
                            "sourceAddress": e["record"].get("sourceIPAddress"),
                            "errorCode": e["record"].get("errorCode", "Success"),
                            "mfa": (e["record"].get("additionalEventData") or {}).get("MFAUsed") == "Yes",
                        },
                    }
                    for e in burst
                ],
            })
    return out
