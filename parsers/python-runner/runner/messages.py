"""Messages as a script gets them, made from the columns that the host hands over."""

from array import array
from itertools import chain


def unpack(text: str, ends: bytes, offsets: bytes, partitions: bytes) -> list[dict]:
    """A dict a message, with the original connector's three fields in its order.

    Columns are little-endian: so are WebAssembly and every machine that the tests run on.
    """
    stops = array("I", ends)
    return [
        {"message": text[start:stop], "offset": offset, "partition": partition}
        for start, stop, offset, partition in zip(
            chain((0,), stops), stops, array("q", offsets), array("i", partitions)
        )
    ]
