#!/usr/bin/env python3
"""Random cases for the default parser's conformance test.

Usage: fuzz.py SEED N

Writes N cases to standard output, of the form that reference.py reads. The same seed gives the same
cases on every CPython from 3.9: only `random()` is drawn from, whose sequence is guaranteed, not the
derived functions, whose algorithms have changed between versions.

The cases are biased to where parsers go wrong: lengths about 100 code points, characters of one to
four bytes in UTF-8 and of one or two units in UTF-16, sequences that one must not cut but that
`text[:100]` does cut, everything that JSON escapes, and the ends of the ranges of numbers.
"""

import json
import random
import sys

# Strings of one code point or a few, by how they tend to be mishandled.
POOLS = (
    [chr(c) for c in range(0x20, 0x7F)],  # ASCII
    [chr(c) for c in range(0x00, 0x20)] + ["\x7f", "\x80", "\x85", "\x9f"],  # control characters
    ['"', "\\", "/", "\\u0041", "\\n", "\\\"", "{", "}", "[]", ":", ",", "'", "<", ">", "&", "%s"],
    ["\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff", "\ufffd", "\ufdd0", "\u00a0", "\u200b"],
    ["\u00e9", "\u00df", "\u0130", "\u01c5", "\u07ff", "\u0800"],  # two bytes, and the first of three
    ["e\u0301", "a\u0308\u0323", "\u0915\u094d\u0937", "\u1112\u1161\u11ab", "Z\u0351\u036b\u0343"],
    ["\u65e5", "\u672c", "\u8a9e", "\ud7ff", "\ue000", "\uff21"],  # three bytes, beside surrogates
    ["\U00010000", "\U0001f600", "\U0001d11e", "\U000e0041", "\U000fffff", "\U0010fffd", "\U0010ffff"],
    [
        "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",  # a family of 7 code points
        "\U0001f3f3\ufe0f\u200d\U0001f308",
        "\U0001f1e8\U0001f1ed",
        "1\ufe0f\u20e3",
        "\U0001f44d\U0001f3fd",
    ],
    ["\u0627\u0644", "\u05e9\u05dc", "\u202e", "\u202d", "\u2066", "\u2069", "\u200f"],  # right to left
)
LENGTHS = (0, 1, 2, 98, 99, 100, 101, 102, 103, 150, 199, 200, 201)
TOPIC_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
I32_MAX = 2**31 - 1
I64_MAX = 2**63 - 1
YEAR_10000_MS = 253402300800000  # the first millisecond after 9999
OFFSETS = (0, 0, 60, 120, -300, -210, 330, 345, 570, 765, 840, -720, 1080, -1080, 1, -1)


class Draw:
    """Random choices made of `random()` alone."""

    def __init__(self, seed):
        self.random = random.Random(seed).random

    def below(self, bound):
        """An integer from 0 up to and without `bound`; exact for any size of it."""
        value = 0
        for _ in range(bound.bit_length() // 48 + 1):
            value = value << 48 | int(self.random() * 2**48)
        return value % bound

    def of(self, items):
        return items[self.below(len(items))]

    def chance(self, one_in):
        return self.below(one_in) == 0


def length(draw):
    if draw.chance(150):
        return 1000 + draw.below(8000)
    if draw.chance(3):
        return draw.below(300)
    return draw.of(LENGTHS)


def scalar(draw):
    """Any Unicode scalar value: a code point that isn't a surrogate."""
    code = draw.below(0x110000 - 0x800)
    return chr(code if code < 0xD800 else code + 0x800)


def text(draw):
    """A text of about `length` code points, of one pool, of all, or of anything at all."""
    wanted = length(draw)
    style = draw.below(4)
    pool = draw.of(POOLS)
    parts, size = [], 0
    # A run of one character up to the cut, then something else, finds errors by one.
    if style == 0 and wanted > 4:
        run = draw.of(draw.of(POOLS))
        count = (wanted - draw.below(4)) // len(run)
        parts, size = [run * count], len(run) * count
    while size < wanted:
        if style == 1:
            part = scalar(draw)
        elif style == 2:
            part = draw.of(pool)
        else:
            part = draw.of(draw.of(POOLS))
        parts.append(part)
        size += len(part)
    joined = "".join(parts)
    if draw.chance(4):
        joined = joined[:wanted]  # the exact length, even if that splits a sequence
    if draw.chance(12):
        joined = json.dumps({"message": joined}, ensure_ascii=draw.chance(2))
    if draw.chance(12):
        joined += draw.of(("\n", "\r\n", "\r", "\0", " "))
    return joined


def number(draw, highest):
    """Small, anything, or within a step of the end."""
    style = draw.below(4)
    if style == 0:
        return highest - draw.below(2)
    if style == 1:
        return draw.below(highest + 1)
    return draw.below(1000)


def topic(draw):
    size = 249 if draw.chance(20) else 1 + draw.below(40)
    name = "".join(draw.of(TOPIC_CHARACTERS) for _ in range(size))
    return "a" + name[1:] if name in (".", "..") else name


def started(draw):
    offset = draw.of(OFFSETS)
    style = draw.below(5)
    if style == 0:
        unix_ms = draw.below(3)
    elif style == 1:
        # The last day of 9999 on the local clock; a clock in the west is in 10000 by UTC then.
        unix_ms = YEAR_10000_MS - offset * 60000 - 1 - draw.below(86400000)
    elif style == 2:
        unix_ms = draw.below(YEAR_10000_MS - 1080 * 60000)  # any moment
    else:
        unix_ms = 1767225600000 + draw.below(366 * 86400000)  # a moment of 2026
    return {"unix_ms": unix_ms, "utc_offset_minutes": offset}


def positions(draw, count):
    """Partitions and offsets as a consumer sees them: partitions interleave, offsets ascend in each."""
    partitions = [number(draw, I32_MAX) for _ in range(1 + draw.below(4))]
    order = [draw.of(partitions) for _ in range(count)]
    offsets = {}
    for partition in partitions:
        drawn = set()
        while len(drawn) < order.count(partition):
            drawn.add(number(draw, I64_MAX))
        offsets[partition] = iter(sorted(drawn))
    return [(partition, next(offsets[partition])) for partition in order]


def case(draw, name):
    count = draw.of((1, 1, 2, 3, 5, 8, 20, 60))
    return {
        "name": name,
        "topic": topic(draw),
        "started": started(draw),
        "messages": [
            {"partition": partition, "offset": offset, "value": text(draw)}
            for partition, offset in positions(draw, count)
        ],
    }


def main():
    arguments = sys.argv[1:]
    if len(arguments) != 2 or not all(a.isascii() and a.isdigit() for a in arguments):
        sys.stderr.write("usage: fuzz.py SEED N (both whole numbers)\n")
        return 2
    seed, count = map(int, arguments)
    draw = Draw(seed)
    for index in range(count):
        sys.stdout.write(json.dumps(case(draw, "fuzz %d/%d" % (seed, index))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
