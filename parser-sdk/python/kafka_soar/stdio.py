"""What a parser prints goes to the connector's log, a line each. In a component only: nobody else
would see it there, and natively the terminal is the better place."""

from __future__ import annotations

import io
import logging
import sys

from . import log
from .host import Level


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
            log.write(self._level, line)
        return len(text)

    def finish(self) -> None:
        """Writes a line that has no end."""
        if self._rest:
            log.write(self._level, self._rest)
            self._rest = ""


class _Records(logging.Handler):
    """Writes records of `logging` at their own level."""

    def emit(self, record: logging.LogRecord) -> None:
        level = Level.DEBUG
        for at_least, its_level in ((logging.ERROR, Level.ERROR), (logging.WARNING, Level.WARN), (logging.INFO, Level.INFO)):
            if record.levelno >= at_least:
                level = its_level
                break
        log.write(level, self.format(record))


_out, _err = _Lines(Level.INFO), _Lines(Level.WARN)


def install() -> None:
    """Puts the log in the place of the standard streams, and under `logging` unless the parser has
    set up its own handlers."""
    sys.stdout, sys.stderr = _out, _err
    if not logging.root.handlers:
        logging.root.addHandler(_Records())


def flush() -> None:
    """Writes what has no line end yet."""
    _out.finish()
    _err.finish()


def silence() -> None:
    """Drops what is written to `sys.stderr` from now on."""
    sys.stderr = io.StringIO()
