# Configuration changes as a device manager sends them: INI and property lists
import configparser
import difflib
import fnmatch
import io
import plistlib

last = {}


def read(text):
    head = text.lstrip()[:60]
    if head.startswith("<?xml") and "plist" in text:
        return "plist", plistlib.loads(text.encode("utf-8"))
    parser = configparser.ConfigParser(interpolation=None, allow_no_value=True, strict=True)
    parser.read_file(io.StringIO(text), source="message")
    return "ini", {section: dict(parser.items(section)) for section in parser.sections()}


def lines(value, prefix=""):
    if isinstance(value, dict):
        return [line for k in sorted(value) for line in lines(value[k], "%s/%s" % (prefix, k))]
    if isinstance(value, list):
        return [line for n, v in enumerate(value) for line in lines(v, "%s/%d" % (prefix, n))]
    return ["%s = %s" % (prefix, value.decode() if isinstance(value, bytes) else value)]


def parse_messages(topic, messages):
    artifacts = []
    for m in messages:
        try:
            kind, value = read(m["message"])
        except (configparser.Error, ValueError) as e:
            artifacts.append({"name": "unreadable", "cef": {"error": type(e).__name__}})
            continue
        now = lines(value)
        diff = [d for d in difflib.unified_diff(last.get(kind, []), now, "before", "after", lineterm="", n=0)]
        last[kind] = now
        artifacts.append({
            "name": kind,
            "severity": "high" if fnmatch.filter(now, "*[pP]assword*") else "low",
            "cef": {"lines": now, "diff": diff, "like": difflib.get_close_matches("/server/prot", [n.split(" ")[0] for n in now])},
        })
    return [{"container": {"name": "Configuration"}, "artifacts": artifacts}] if artifacts else []
