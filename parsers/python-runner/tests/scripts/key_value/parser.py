# FortiGate: key=value, values quoted when they have spaces
import re
import shlex

PAIR = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)')
counters = {"traffic": 0, "utm": 0, "event": 0}
seen_devices = set()


def pairs(line):
    return {k: v[1:-1].replace('\\"', '"') if v.startswith('"') else v for k, v in PAIR.findall(line)}


def parse_messages(topic, messages):
    global seen_devices
    out = []
    for m in messages:
        fields = pairs(m["message"])
        if not fields:
            continue
        kind = fields.get("type", "event")
        counters[kind] = counters.get(kind, 0) + 1
        device = fields.get("devname", "unknown")
        new = device not in seen_devices
        seen_devices |= {device}
        try:
            words = shlex.split(fields.get("msg", ""))
        except ValueError as error:
            words = ["?", str(error)]
        cef = {
            "sourceAddress": fields.get("srcip"),
            "destinationAddress": fields.get("dstip"),
            "bytesOut": int(fields.get("sentbyte") or 0),
            "action": fields.get("action", "").upper(),
            "words": words,
        }
        out.append({
            "container": {
                "name": "{devname} {type}/{subtype}".format_map(_Default(fields)),
                "description": "number %d of its type%s" % (counters[kind], ", first of the device" if new else ""),
                "custom_fields": {"seen": sorted(seen_devices)},
            },
            "artifacts": [{"name": fields.get("logid", "-"), "cef": {k: v for k, v in cef.items() if v not in (None, "", [])}}],
        })
    return out


class _Default(dict):
    def __missing__(self, key):
        return "-"
