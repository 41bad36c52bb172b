"""Kafka records of one topic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from . import decode
from .errors import Refuse, Reject, reason_of

if TYPE_CHECKING:
    from .output import Output


# `Message.bytes` hides the type behind it.
_Bytes = bytes


class Header(NamedTuple):
    """A record's header."""

    name: str
    """Names may repeat within a record."""

    value: bytes | None
    """None where the header has no value, which isn't the same as an empty one."""


class Column:
    """A column of optional byte strings, as the host hands it over."""

    __slots__ = ("_bytes", "_ends", "_nulls")

    def __init__(self, data: bytes, ends: list[int], nulls: list[int]) -> None:
        self._bytes = data
        # With this, item `i` lies between the elements `i` and `i + 1`.
        self._ends = [0, *ends]
        self._nulls = frozenset(nulls)

    def get(self, index: int) -> bytes | None:
        """The item; when all are null the column is empty."""
        ends = self._ends
        if index in self._nulls or index + 1 >= len(ends):
            return None
        return self._bytes[ends[index] : ends[index + 1]]


class Batch:
    """Kafka messages of one topic in the order in which the host read them: offsets ascend within
    each partition, partitions may interleave. Never empty.

    How many messages make a batch is up to the asset (10,000 by default), and a poll may take
    several batches, each of which meets a fresh instance of the parser.
    """

    __slots__ = (
        "_header_ends",
        "_header_names",
        "_header_values",
        "_keys",
        "_offsets",
        "_partitions",
        "_timestamps",
        "_values",
        "topic",
    )

    def __init__(
        self,
        topic: str,
        partitions: list[int],
        offsets: list[int],
        timestamps: list[int],
        keys: Column,
        values: Column,
        header_ends: list[int],
        header_names: Column,
        header_values: Column,
    ) -> None:
        self.topic = topic
        self._partitions = partitions
        self._offsets = offsets
        self._timestamps = timestamps
        self._keys = keys
        self._values = values
        self._header_ends = header_ends
        self._header_names = header_names
        self._header_values = header_values

    def __len__(self) -> int:
        return len(self._offsets)

    def __getitem__(self, index: int) -> Message:
        return Message(self, range(len(self._offsets))[index])

    def __iter__(self) -> Iterator[Message]:
        for index in range(len(self._offsets)):
            yield Message(self, index)

    def each(self, out: Output, parse: Callable[[Message, Output], None]) -> None:
        """Calls `parse` with every message in order. When it raises an exception, that message is
        rejected, what was written on `out` for it is taken back, and the next message follows.

        The reason is that of a `Reject`; of any other exception it is its type, its place in the
        parser and the beginning of its text. `Refuse` refuses the whole batch.
        """
        for message in self:
            before = out.mark()
            try:
                parse(message, out)
            except (Refuse, MemoryError):
                raise
            except Exception as error:
                out.take_back(before)
                out.reject(message, reason_of(error))


class Message:
    """A Kafka record: a view into its batch."""

    __slots__ = ("_batch", "index")

    def __init__(self, batch: Batch, index: int) -> None:
        self._batch = batch
        self.index = index
        """Index in the batch, from 0."""

    @property
    def topic(self) -> str:
        """The topic's name."""
        return self._batch.topic

    @property
    def partition(self) -> int:
        """The partition it was read from."""
        return self._batch._partitions[self.index]

    @property
    def offset(self) -> int:
        """Its offset in that partition."""
        return self._batch._offsets[self.index]

    @property
    def timestamp(self) -> int | None:
        """When it was produced or appended, whichever the topic keeps, in milliseconds since the
        Unix epoch; None when it keeps nothing. `start_time=` and its like take it as it is."""
        unix_ms = self._batch._timestamps[self.index]
        return unix_ms if unix_ms >= 0 else None

    @property
    def key(self) -> bytes | None:
        """The key's bytes."""
        return self._batch._keys.get(self.index)

    def key_text(self) -> str | None:
        """The key as text; None for a message without a key. Rejects a key that isn't UTF-8."""
        key = self.key
        return None if key is None else decode.text(key, "the key")

    @property
    def value(self) -> bytes | None:
        """The value's bytes; None is a tombstone. See also `bytes`."""
        return self._batch._values.get(self.index)

    def bytes(self) -> bytes:
        """The value's bytes. Rejects a message without a value."""
        value = self.value
        if value is None:
            raise Reject("the message has no value (a tombstone)")
        return value

    def text(self) -> str:
        """The value as text. Rejects a message without a value, or with one that isn't UTF-8; the
        reason names the first byte at fault and its position from 0."""
        return decode.text(self.bytes(), "the value")

    def json(self) -> Any:
        """The value as JSON. Rejects a message without a value, or with one that isn't JSON; the
        reason names the line and column."""
        return decode.json_value(self.text(), "the value")

    def json_object(self) -> dict[str, Any]:
        """As `json`. Rejects JSON that isn't an object, too."""
        return decode.json_object(self.text(), "the value")

    @property
    def headers(self) -> list[Header]:
        """The headers in order."""
        batch, index = self._batch, self.index
        ends = batch._header_ends
        if not ends:
            return []
        names, values = batch._header_names, batch._header_values
        start = ends[index - 1] if index else 0
        # The host hands names over as UTF-8 and never as null.
        return [Header((names.get(at) or b"").decode(), values.get(at)) for at in range(start, ends[index])]

    def header(self, name: str) -> _Bytes | None:
        """The value of the last header with this name: where a name repeats, Kafka's clients take
        the last one. None when there is no such header or it has no value."""
        for header in reversed(self.headers):
            if header.name == name:
                return header.value
        return None

    def __repr__(self) -> str:
        return f"<message {self.topic}/{self.partition}/{self.offset}>"
