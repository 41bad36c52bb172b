# The old BSD format: no year, no zone. The year is the one the file was exported in.
import re
import time
import calendar

YEAR = 2026
LINE = re.compile(r"^<(\d+)>(\w{3}\s+\d{1,2} \d\d:\d\d:\d\d) (\S+) ([\w/.-]+)(?:\[(\d+)\])?: (.*)$")
SSH = [
    ("failed", re.compile(r"Failed (?P<method>\S+) for (?P<invalid>invalid user )?(?P<user>\S+) from (?P<ip>\S+) port (?P<port>\d+)")),
    ("accepted", re.compile(r"Accepted (?P<method>\S+) for (?P<user>\S+) from (?P<ip>\S+) port (?P<port>\d+)")),
    ("closed", re.compile(r"Connection closed by (?:authenticating user (?P<user>\S+) )?(?P<ip>\S+) port (?P<port>\d+)")),
]


def epoch(stamp):
    return calendar.timegm(time.strptime("%d %s" % (YEAR, " ".join(stamp.split())), "%Y %b %d %H:%M:%S"))


def classify(text):
    for kind, pattern in SSH:
        m = pattern.search(text)
        if m:
            found = {k: v for k, v in m.groupdict().items() if v is not None}
            found["invalid"] = bool(found.get("invalid"))
            return kind, found
    return "other", {}


def parse_messages(topic, messages):
    hosts = {}
    for message in messages:
        m = LINE.match(message["message"])
        if m is None:
            print("skipped offset", message["offset"])
            continue
        pri, stamp, host, program, pid, text = m.groups()
        kind, details = classify(text)
        artifact = {
            "name": "%s %s" % (program, kind),
            "start_time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch(stamp))),
            "cef": dict(details, facility=int(pri) >> 3, level=int(pri) & 7, pid=int(pid) if pid else None, message=text),
        }
        hosts.setdefault(host, []).append(artifact)
    return [
        {"container": {"name": "Syslog of " + host, "artifact_count": len(artifacts)}, "artifacts": artifacts}
        for host, artifacts in sorted(hosts.items())
    ]
