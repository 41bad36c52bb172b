"""What a parser can ask of its host: the component's imports, or what a test says."""

from __future__ import annotations

import importlib
from enum import IntEnum
from typing import Any, Protocol


class Level(IntEnum):
    """How much a log line matters, in the contract's order."""

    DEBUG = 0
    INFO = 1
    WARN = 2
    ERROR = 3


class Host(Protocol):
    """The three interfaces that the contract imports."""

    def settings(self) -> str:
        """JSON text of the asset's `parser_settings`."""

    def started(self) -> tuple[int, int]:
        """When the poll began, in milliseconds since the Unix epoch, and the minutes by which
        local time is east of UTC."""

    def log(self, level: Level, line: str) -> None:
        """Writes a line for the person who runs the connector."""


class _Component:
    """The host of a component."""

    def __init__(self, wit: _Wit) -> None:
        self._wit = wit
        self._levels = list(wit.log.Level)

    def settings(self) -> str:
        return str(self._wit.settings.get())

    def started(self) -> tuple[int, int]:
        instant = self._wit.poll.started()
        return instant.unix_ms, instant.utc_offset_minutes

    def log(self, level: Level, line: str) -> None:
        # A lone surrogate has no encoding, and losing the line for it would help nobody.
        line = line.encode(errors="backslashreplace").decode()
        self._wit.log.write(self._levels[level], line)


class _Native:
    """Outside of a component and of a test there is nobody to ask."""

    def settings(self) -> str:
        return "{}"

    def started(self) -> tuple[int, int]:
        return 0, 0

    def log(self, level: Level, line: str) -> None:
        print(f"{level.name.lower()}: {line}")


class _Wit:
    """The bindings that componentize-py generates. They exist in a component only."""

    def __init__(self) -> None:
        module = importlib.import_module
        self.settings: Any = module("wit_world.imports.settings")
        self.poll: Any = module("wit_world.imports.poll")
        self.log: Any = module("wit_world.imports.log")
        self.exports: Any = module("wit_world.exports")
        self.types: Any = module("wit_world.exports.message_parser")
        self.Err: Any = module("componentize_py_types").Err


def _bindings() -> _Wit | None:
    try:
        return _Wit()
    except ImportError:
        return None


WIT = _bindings()

_current: Host = _Native() if WIT is None else _Component(WIT)


def current() -> Host:
    """The host of this call."""
    return _current


def replace(host: Host) -> Host:
    """Puts another host in place and returns the one before: for tests."""
    global _current
    before, _current = _current, host
    return before
