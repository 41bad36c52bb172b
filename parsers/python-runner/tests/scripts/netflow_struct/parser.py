"""NetFlow version 5 datagrams in hexadecimal."""
import binascii
import collections
import ipaddress
import struct

HEADER = struct.Struct("!HHIIIIBBH")
RECORD = struct.Struct("!IIIHHIIIIHHBBBBHHBBH")
Flow = collections.namedtuple(
    "Flow", "src dst nexthop input output packets octets first last sport dport pad1 flags proto tos src_as dst_as src_mask dst_mask pad2")
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp"}
FLAGS = "FSRPAU"


def flags(value):
    return "".join(letter if value & (1 << bit) else "." for bit, letter in enumerate(FLAGS))


def flows(data):
    version, count, uptime, seconds, nanoseconds, sequence, _, engine, _ = HEADER.unpack_from(data)
    if version != 5:
        raise ValueError("version %d" % version)
    for index in range(count):
        yield sequence + index, Flow._make(RECORD.unpack_from(data, HEADER.size + index * RECORD.size))


def parse_messages(topic, messages):
    artifacts, errors = [], []
    total = collections.defaultdict(int)
    for m in messages:
        try:
            data = binascii.unhexlify(m["message"].replace(" ", ""))
            for sequence, flow in flows(data):
                pair = (str(ipaddress.IPv4Address(flow.src)), str(ipaddress.IPv4Address(flow.dst)))
                total[pair] += flow.octets
                artifacts.append({
                    "name": "flow %d" % sequence,
                    "cef": {
                        "sourceAddress": pair[0], "destinationAddress": pair[1],
                        "sourcePort": flow.sport, "destinationPort": flow.dport,
                        "transportProtocol": PROTOCOLS.get(flow.proto, str(flow.proto)),
                        "flags": flags(flow.flags),
                        "milliseconds": flow.last - flow.first,
                        "rate": flow.octets * 8 / max(flow.last - flow.first, 1),
                    },
                })
        except (binascii.Error, struct.error, ValueError) as e:
            errors.append("%d: %s" % (m["offset"], type(e).__name__))
    talkers = sorted(total.items(), key=lambda item: (-item[1], item[0]))
    return [{
        "container": {
            "name": "Flows: " + (" → ".join(talkers[0][0]) if talkers else "none"),
            "data": {"talkers": [[*pair, octets] for pair, octets in talkers], "errors": errors},
        },
        "artifacts": artifacts,
    }]
