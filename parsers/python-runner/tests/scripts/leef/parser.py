# IBM QRadar's LEEF 1.0 and 2.0
import collections
import re


def delimiter(field):
    """LEEF 2.0 names its delimiter, as a character or in hexadecimal."""
    if not field:
        return "\t"
    m = re.match(r"^(?:0x|x)([0-9A-Fa-f]{2,4})$", field)
    return chr(int(m.group(1), 16)) if m else field


def parse_leef(line):
    at = line.find("LEEF:")
    if at < 0:
        return None
    parts = line[at + 5:].split("|")
    version = parts[0]
    if version.startswith("2"):
        vendor, product, product_version, event_id, delim = parts[1:6]
        body = "|".join(parts[6:])
        sep = delimiter(delim)
    else:
        vendor, product, product_version, event_id = parts[1:5]
        body = "|".join(parts[5:])
        sep = "\t"
    attributes = collections.OrderedDict()
    for pair in body.split(sep):
        if "=" in pair:
            key, value = pair.split("=", 1)
            attributes[key.strip()] = value.strip()
    return (vendor, product, product_version, event_id), attributes


RENAMED = {"src": "sourceAddress", "dst": "destinationAddress", "usrName": "destinationUserName",
           "srcPort": "sourcePort", "dstPort": "destinationPort"}


def parse_messages(topic, messages):
    by_product = collections.OrderedDict()
    for message in messages:
        parsed = parse_leef(message["message"])
        if parsed is None:
            continue
        (vendor, product, version, event), attributes = parsed
        key = (vendor, product)
        entry = by_product.setdefault(key, {
            "container": {"name": "{0} {1}".format(*key), "tags": []},
            "artifacts": [],
        })
        cef = {RENAMED.get(k, k): v for k, v in attributes.items()}
        cef["productVersion"] = version
        entry["artifacts"].append({"name": event, "cef": cef})
        entry["container"]["tags"].append(event)
    for entry in by_product.values():
        entry["container"]["tags"] = sorted(set(entry["container"]["tags"]))
    return list(by_product.values())
