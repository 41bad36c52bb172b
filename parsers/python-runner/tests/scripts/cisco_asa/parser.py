import ipaddress
import re

IDS = re.compile(r"%ASA-(?P<level>\d)-(?P<id>\d{6}): (?P<text>.*)")
PATTERNS = {
    "106023": re.compile(r"Deny (?P<proto>\w+) src (?P<sif>[\w-]+):(?P<src>[\w.:]+)/(?P<spt>\d+) dst (?P<dif>[\w-]+):(?P<dst>[\w.:]+)/(?P<dpt>\d+) by access-group \"(?P<acl>[^\"]+)\""),
    "302013": re.compile(r"Built (?P<direction>inbound|outbound) TCP connection (?P<conn>\d+) for (?P<sif>\w+):(?P<src>[\d.]+)/(?P<spt>\d+).* to (?P<dif>\w+):(?P<dst>[\d.]+)/(?P<dpt>\d+)"),
    "113015": re.compile(r"AAA user authentication Rejected : reason = (?P<reason>[^:]+) : .*user = (?P<user>\S+)"),
}
NETWORKS = {
    "office": ipaddress.ip_network("10.20.0.0/16"),
    "dmz": ipaddress.ip_network("192.0.2.0/25"),
    "v6": ipaddress.ip_network("2001:db8::/32"),
}


def place(text):
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "not an address"
    for name, network in NETWORKS.items():
        if address.version == network.version and address in network:
            return name
    return "multicast" if address.is_multicast else "loopback" if address.is_loopback else "elsewhere"


def parse_messages(topic, messages):
    result = []
    for item in messages:
        match = IDS.search(item["message"])
        if not match:
            continue
        level, number, text = match["level"], match["id"], match["text"]
        details = PATTERNS[number].search(text).groupdict() if number in PATTERNS and PATTERNS[number].search(text) else {}
        match number:
            case "106023":
                name = "Denied %(proto)s by %(acl)s" % details
            case "302013" if details.get("direction") == "outbound":
                name = "Outbound connection " + details["conn"]
            case "302013" | "302015":
                name = "Connection"
            case _:
                name = "ASA " + number
        for side in ("src", "dst"):
            if side in details:
                details[side + "Place"] = place(details[side])
                details[side + "Number"] = str(int(ipaddress.ip_address(details[side])))
        for port in ("spt", "dpt"):
            if port in details:
                details[port] = int(details[port])
        result.append({
            "container": {"name": name, "severity": {"1": "high", "2": "high", "3": "medium", "4": "medium"}.get(level, "low")},
            "artifacts": [{"name": "ASA-" + number, "cef": {**details, "message": text}}],
        })
    return result
