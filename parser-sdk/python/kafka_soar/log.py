"""Lines for the person who runs the connector.

The host escapes control characters, cuts a line at 4 KiB, and stops a parser whose lines for one
batch pass the asset's limit (64 KiB by default): a line a batch is fine, a line a message isn't.
In a component `print` writes at level info, `sys.stderr` at level warn, and `logging` at a
record's own level.
"""

from __future__ import annotations

from . import host
from .host import Level

__all__ = ["Level", "debug", "error", "info", "warn", "write"]


def write(level: Level, line: str) -> None:
    """Writes one line."""
    host.current().log(level, line)


def debug(line: str) -> None:
    """Writes a line at level debug."""
    write(Level.DEBUG, line)


def info(line: str) -> None:
    """Writes a line at level info."""
    write(Level.INFO, line)


def warn(line: str) -> None:
    """Writes a line at level warn."""
    write(Level.WARN, line)


def error(line: str) -> None:
    """Writes a line at level error."""
    write(Level.ERROR, line)
