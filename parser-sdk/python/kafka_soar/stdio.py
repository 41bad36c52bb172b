"""What a parser prints goes to the connector's log, a line each. In a component only: nobody else
would see it there, and natively the terminal is the better place.

A script that prints every message must not meet the host's limit on log lines, which stops a parser:
beyond `MOST` bytes a batch lines are counted and left out."""

from __future__ import annotations

import io
import logging
import sys

from . import log
from .host import Level


MOST = 32 * 1024


class _Budget:
    """What is written for a batch so far."""

    def __init__(self) -> None:
        self._left = MOST
        self._left_out = 0

    def write(self, level: Level, line: str) -> None:
        """Writes a line while there is room."""
        self._left -= len(line) * (1 if line.isascii() else 4)
        if self._left < 0:
            self._left_out += 1
        else:
            log.write(level, line)

    def finish(self) -> None:
        """Says how many lines are missing."""
        if self._left_out:
            log.warn(f"{self._left_out} more lines of print and logging are left out: {MOST} bytes a batch are written")
            self._left_out = 0


_budget = _Budget()


class _Lines(io.TextIOBase):
    """A text stream whose lines are log lines."""

    def __init__(self, level: Level) -> None:
        super().__init__()
        self._level = level
        self._rest = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            _budget.write(self._level, line)
        return len(text)

    def finish(self) -> None:
        """Writes a line that has no end."""
        if self._rest:
            _budget.write(self._level, self._rest)
            self._rest = ""


class _Records(logging.Handler):
    """Writes records of `logging` at their own level."""

    def emit(self, record: logging.LogRecord) -> None:
        level = Level.DEBUG
        for at_least, its_level in ((logging.ERROR, Level.ERROR), (logging.WARNING, Level.WARN), (logging.INFO, Level.INFO)):
            if record.levelno >= at_least:
                level = its_level
                break
        _budget.write(level, self.format(record))


_out, _err = _Lines(Level.INFO), _Lines(Level.WARN)


def install() -> None:
    """Puts the log in the place of the standard streams and of what `logging` writes to them."""
    # What the parser has set up while it was imported holds the streams of that time.
    logging.root.handlers = [_instead_of(handler) for handler in logging.root.handlers]
    logging.lastResort = _Records(logging.WARNING)
    sys.stdout, sys.stderr = _out, _err


def _instead_of(handler: logging.Handler) -> logging.Handler:
    if type(handler) is not logging.StreamHandler or handler.stream not in (sys.stdout, sys.stderr):
        return handler
    records = _Records(handler.level)
    records.setFormatter(handler.formatter)
    return records


def flush() -> None:
    """Writes what has no line end yet."""
    _out.finish()
    _err.finish()
    _budget.finish()


def silence() -> None:
    """Drops what is written to `sys.stderr` from now on."""
    sys.stderr = io.StringIO()
