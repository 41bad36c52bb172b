# CEF from ArcSight-style devices: CEF:Version|Vendor|Product|DeviceVersion|SignatureID|Name|Severity|Extension
import re

HEADER = ("version", "deviceVendor", "deviceProduct", "deviceVersion", "deviceEventClassId", "name", "severity")
EXTENSION = re.compile(r"(?:^|(?<=\s))([\w.\[\]]+)=(.*?)(?=\s+[\w.\[\]]+=|$)", re.S)
SEVERITIES = {"low": 2, "medium": 5, "high": 8, "very-high": 10}
PORTS = {"spt", "dpt", "sourcePort", "destinationPort"}


def unescape(text):
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "r": "\r"}.get(m.group(1), m.group(1)), text)


def split_header(text):
    parts = re.split(r"(?<!\\)\|", text, maxsplit=7)
    if len(parts) < 8:
        raise ValueError("only %d fields in the header" % len(parts))
    return [unescape(p) for p in parts[:7]], parts[7]


def soar_severity(value):
    try:
        number = int(value)
    except ValueError:
        number = SEVERITIES.get(value.lower(), 0)
    if number >= 8:
        return "high"
    return "medium" if number >= 4 else "low"


def parse_one(text):
    start = text.index("CEF:")
    header, rest = split_header(text[start + 4:])
    fields = dict(zip(HEADER, header))
    cef = {}
    for key, value in EXTENSION.findall(rest):
        value = unescape(value.strip())
        if key in PORTS and value.isdigit():
            value = int(value)
        cef[key] = value
    # cs1=... cs1Label=... become one field with the label's name
    for key in [k for k in cef if k.endswith("Label")]:
        base = key[:-5]
        if base in cef:
            cef[cef.pop(key)] = cef.pop(base)
    return text[:start].strip(), fields, cef


def parse_messages(topic, messages):
    results = []
    for m in messages:
        try:
            prefix, fields, cef = parse_one(m["message"])
        except ValueError as e:
            results.append({
                "container": {"name": "Unparsed CEF", "severity": "low", "description": str(e)},
                "artifacts": [{"name": "raw", "cef": {"message": m["message"]}}],
            })
            continue
        results.append({
            "container": {
                "name": "%s: %s" % (fields["deviceProduct"], fields["name"]),
                "severity": soar_severity(fields["severity"]),
                "source_data_identifier": "%s-%d-%d" % (topic, m["partition"], m["offset"]),
                "data": {"header": fields, "syslog": prefix or None},
            },
            "artifacts": [{"name": fields["name"], "label": "event", "cef": cef, "severity": soar_severity(fields["severity"])}],
        })
    return results
