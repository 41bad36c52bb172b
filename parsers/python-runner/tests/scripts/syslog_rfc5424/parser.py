import re
from datetime import datetime, timezone

PATTERN = re.compile(
    r"^<(?P<pri>\d{1,3})>(?P<version>\d) (?P<time>\S+) (?P<host>\S+) (?P<app>\S+) (?P<pid>\S+) (?P<id>\S+) "
    r"(?P<sd>-|(?:\[(?:[^\]\\]|\\.)*\])+) ?(?P<text>.*)$", re.DOTALL)
ELEMENT = re.compile(r'\[([^\s\]=]+)((?:\s+[^\s=\]]+="(?:[^"\\\]]|\\.)*")*)\]')
PARAMETER = re.compile(r'([^\s=\]]+)="((?:[^"\\\]]|\\.)*)"')
FACILITIES = ["kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp"]
SEVERITIES = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]


def structured(text):
    if text == "-":
        return {}
    return {
        element: {k: re.sub(r'\\(["\\\]])', r"\1", v) for k, v in PARAMETER.findall(parameters)}
        for element, parameters in ELEMENT.findall(text)
    }


def instant(text):
    if text == "-":
        return None
    if text.endswith("Z"):
        text = text[:-1] + "+00:00"
    try:
        when = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        when = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
    return when.astimezone(timezone.utc).isoformat(timespec="milliseconds")


def parse_messages(topic, messages):
    found = []
    for m in messages:
        match = PATTERN.match(m["message"])
        if not match:
            continue
        f = match.groupdict()
        facility, severity = divmod(int(f["pri"]), 8)
        found.append({
            "container": {
                "name": f["text"].lstrip("\ufeff")[:60] or "(empty)",
                "severity": "high" if severity <= 3 else "medium" if severity <= 5 else "low",
                "start_time": instant(f["time"]),
            },
            "artifacts": [{
                "name": f["app"],
                "cef": {
                    "deviceHostName": f["host"],
                    "facility": FACILITIES[facility] if facility < len(FACILITIES) else "local%d" % (facility - 16),
                    "severity": SEVERITIES[severity],
                    "process": None if f["pid"] == "-" else f["pid"],
                    "structured": structured(f["sd"]),
                },
            }],
        })
    return found
