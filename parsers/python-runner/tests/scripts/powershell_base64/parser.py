# Sysmon process creations: decodes `powershell -enc`, hashes and parent chains
import base64
import binascii
import json
import re
import ntpath

ENCODED = re.compile(r"-e(?:nc|ncodedcommand|c)?\s+([A-Za-z0-9+/=]{8,})", re.IGNORECASE)
URL = re.compile(r"https?://[^\s'\")]+", re.I)
SUSPICIOUS = [
    (re.compile(r"downloadstring|invoke-webrequest|\biwr\b", re.I), "download", 3),
    (re.compile(r"\biex\b|invoke-expression", re.I), "execution", 3),
    (re.compile(r"-nop\b|-w(?:indowstyle)?\s+hidden", re.I), "stealth", 2),
    (re.compile(r"frombase64string", re.I), "encoding", 1),
]


def decode(command):
    match = ENCODED.search(command)
    if not match:
        return None
    data = match.group(1)
    data += "=" * (-len(data) % 4)
    try:
        return base64.b64decode(data, validate=True).decode("utf-16-le")
    except (binascii.Error, UnicodeDecodeError) as e:
        return "undecodable: " + type(e).__name__


def hashes(text):
    return {k.lower(): v.lower() for k, v in (p.split("=", 1) for p in text.split(",") if "=" in p)}


def score(text):
    tags, total = [], 0
    for pattern, tag, points in SUSPICIOUS:
        if pattern.search(text):
            tags.append(tag)
            total += points
    return tags, total


def parse_messages(topic, messages):
    out = []
    for m in messages:
        event = json.loads(m["message"])
        command = event["CommandLine"]
        plain = decode(command)
        tags, points = score(command + "\n" + (plain or ""))
        urls = URL.findall(plain or command)
        image = ntpath.basename(event.get("Image", ""))
        out.append({
            "container": {
                "name": "%s started by %s" % (image, ntpath.basename(event.get("ParentImage", "?"))),
                "severity": "high" if points >= 5 else "medium" if points else "low",
                "tags": tags,
            },
            "artifacts": [{
                "name": "process",
                "cef": {"commandLine": command, "decoded": plain, "fileHash": hashes(event.get("Hashes", "")), "score": points},
            }] + [{"name": "url", "cef": {"requestURL": u}, "cef_types": {"requestURL": ["url"]}} for u in urls],
        })
    return out
