import csv
import io
from collections import Counter
from urllib.parse import urlsplit

FIELDS = ["time", "user", "client", "status", "method", "url", "bytes", "agent", "category"]


def rows(messages):
    text = io.StringIO("\n".join(m["message"].replace("\n", " ") for m in messages))
    for message, row in zip(messages, csv.DictReader(text, fieldnames=FIELDS, restkey="more", restval="")):
        yield message, row


def parse_messages(topic, messages):
    users = {}
    for message, row in rows(messages):
        if row["time"] == "time":
            continue
        entry = users.setdefault(row["user"] or "anonymous", {"sites": Counter(), "bytes": 0, "artifacts": []})
        site = urlsplit(row["url"]).hostname or row["url"]
        entry["sites"][site] += 1
        entry["bytes"] += int(row["bytes"]) if row["bytes"].isdigit() else 0
        entry["artifacts"].append({
            "name": "%s %s" % (row["method"], site),
            "source_data_identifier": "%d/%d" % (message["partition"], message["offset"]),
            "cef": {key: row[key] for key in ("client", "status", "url", "agent", "category") if row[key]},
        })
    summary = io.StringIO()
    writer = csv.writer(summary, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    writer.writerow(["user", "requests", "bytes"])
    for user in sorted(users):
        writer.writerow([user, len(users[user]["artifacts"]), users[user]["bytes"]])
    return [
        {
            "container": {
                "name": "Proxy use of " + user,
                "description": summary.getvalue(),
                "data": {"top": entry["sites"].most_common(2), "bytes": entry["bytes"]},
            },
            "artifacts": entry["artifacts"],
        }
        for user, entry in sorted(users.items())
    ]
