"""Running a parser natively, in a test.

    from kafka_soar.testing import batch
    from my_parser import parse

    parsed = batch("topic").value("hi").tombstone().parse(parse)
    assert parsed.ingests[0].artifacts[0]["cef"]["message"] == "hi"
    assert parsed.reasons[1] == "the message has no value (a tombstone)"
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Union

from . import host
from .batch import Batch, Column
from .errors import Refuse
from .export import Parse, run
from .host import Level
from .output import Written

__all__ = ["Given", "Ingest", "Parsed", "Refuse", "batch"]

Data = Union[str, bytes, None]
"""A value, key or header value; text is encoded as UTF-8."""


class Ingest(NamedTuple):
    """A container with its artifacts."""

    container: dict[str, Any]
    artifacts: list[dict[str, Any]]


@dataclass
class Parsed:
    """What a parser made of a batch."""

    text: str
    """The JSON text as the host gets it; empty when there is no container."""

    ingests: list[Ingest]
    """The same, read."""

    sources: list[int]
    """For each artifact the index of its message; empty when the parser doesn't tell."""

    reasons: dict[int, str]
    """Why messages are rejected, by their index in the batch."""

    log: list[tuple[Level, str]]
    """Lines that the parser wrote."""

    def as_case(self) -> dict[str, Any]:
        """In the form of a test case's `expected.json`."""
        return {
            "ingests": [one._asdict() for one in self.ingests],
            "rejections": [{"index": index, "reason": reason} for index, reason in self.reasons.items()],
        }


def batch(topic: str) -> Given:
    """Begins a batch of messages of a topic."""
    return Given(topic)


@dataclass
class _Record:
    value: bytes | None
    key: bytes | None
    headers: list[tuple[str, bytes | None]]
    timestamp: int
    partition: int
    offset: int


@dataclass
class Given:
    """What a parser is given: messages, settings and the time."""

    topic: str
    _records: list[_Record] = field(default_factory=list)
    _settings: str = "{}"
    _started: tuple[int, int] = (0, 0)

    def value(self, value: str | bytes) -> Given:
        """Adds a message with this value to partition 0, without key, timestamp or headers."""
        return self.record(value)

    def tombstone(self) -> Given:
        """Adds a message without a value to partition 0."""
        return self.record(None)

    def record(
        self,
        value: Data,
        *,
        key: Data = None,
        headers: Iterable[tuple[str, Data]] = (),
        timestamp: int | None = None,
        partition: int = 0,
        offset: int | None = None,
    ) -> Given:
        """Adds a record. Without an offset it follows the one before in its partition."""
        if offset is None:
            before = [one.offset for one in self._records if one.partition == partition]
            offset = before[-1] + 1 if before else 0
        encoded = [(name, _data(header)) for name, header in headers]
        timestamp = -1 if timestamp is None else timestamp
        self._records.append(_Record(_data(value), _data(key), encoded, timestamp, partition, offset))
        return self

    def ndjson(self, path: str | Path) -> Given:
        """Adds the messages of a test case's file `in.ndjson`, one JSON object a line."""
        for index, line in enumerate(Path(path).read_text(encoding="utf-8").split("\n")):
            if line.strip():
                given = json.loads(line)
                self.record(
                    _of(given, "value"),
                    key=_of(given, "key"),
                    headers=[(name, value) for name, value in given.get("headers", [])],
                    timestamp=given.get("timestamp"),
                    partition=given.get("partition", 0),
                    offset=given.get("offset", index),
                )
        return self

    def settings(self, settings: Mapping[str, Any]) -> Given:
        """Sets the asset's settings; an empty object otherwise."""
        self._settings = json.dumps(settings)
        return self

    def started(self, unix_ms: int, utc_offset_minutes: int = 0) -> Given:
        """Sets when the poll began, and how far east of UTC the host's clock is; 1970 in UTC
        otherwise."""
        self._started = (unix_ms, utc_offset_minutes)
        return self

    def batch(self) -> Batch:
        """The batch as the parser sees it, from columns as the host makes them."""
        records = self._records
        headers = [header for one in records for header in one.headers]
        header_ends, end = [], 0
        for one in records:
            end += len(one.headers)
            header_ends.append(end)
        return Batch(
            self.topic,
            [one.partition for one in records],
            [one.offset for one in records],
            [one.timestamp for one in records],
            column([one.key for one in records]),
            column([one.value for one in records]),
            header_ends if headers else [],
            column([name.encode() for name, _ in headers]),
            column([value for _, value in headers]),
        )

    def parse(self, parser: Parse) -> Parsed:
        """Runs a parser. Raises `Refuse` when it refuses the batch, and what else it raises."""
        return self.run(lambda batch: run(parser, batch))

    def run(self, parse: Callable[[Batch], Written]) -> Parsed:
        """As `parse` for what makes the finished output itself, as `kafka_soar.legacy.parse`."""
        recorder = _Recorder(self._settings, self._started)
        before = host.replace(recorder)
        try:
            written = parse(self.batch())
        finally:
            host.replace(before)
        ingests = json.loads(written.ingests) if written.ingests else []
        return Parsed(
            written.ingests,
            [Ingest(one["container"], one["artifacts"]) for one in ingests],
            written.sources,
            dict(written.rejections),
            recorder.lines,
        )


class _Recorder:
    """The host of a test."""

    def __init__(self, settings: str, started: tuple[int, int]) -> None:
        self._settings = settings
        self._started = started
        self.lines: list[tuple[Level, str]] = []

    def settings(self) -> str:
        return self._settings

    def started(self) -> tuple[int, int]:
        return self._started

    def log(self, level: Level, line: str) -> None:
        self.lines.append((level, line))


def column(items: list[bytes | None]) -> Column:
    """A column as the host makes it: without anything when every item is null."""
    if all(item is None for item in items):
        return Column(b"", [], [])
    ends, end = [], 0
    for item in items:
        end += len(item or b"")
        ends.append(end)
    nulls = [at for at, item in enumerate(items) if item is None]
    return Column(b"".join(item or b"" for item in items), ends, nulls)


def _data(data: Data) -> bytes | None:
    return data.encode() if isinstance(data, str) else data


def _of(given: Mapping[str, Any], name: str) -> Data:
    encoded = given.get(f"{name}_base64")
    plain: str | None = given.get(name)
    return plain if encoded is None else base64.b64decode(encoded, validate=True)
