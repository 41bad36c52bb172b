"""`print`, standard error, `logging` and standard input of a script."""

import io
import logging
import sys

from .lines import DEBUG, ERROR, INFO, MAX_LINE_BYTES, WARN, Log


class _Sink(io.BufferedIOBase):
    """Bytes in, lines out."""

    def __init__(self, log: Log, level: int):
        self.log = log
        self._level = level
        self._line = bytearray()
        log.at_end(self._finish)

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        data = bytes(data)
        *lines, rest = data.split(b"\n")
        for line in lines:
            self._append(line)
            self.log.line(self._level, bytes(self._line))
            self._line.clear()
        self._append(rest)
        return len(data)

    def _append(self, part: bytes) -> None:
        # No more than is needed to see that the line is too long.
        self._line += part[: MAX_LINE_BYTES + 1 - len(self._line)]

    def _finish(self) -> None:
        if self._line:
            self.log.line(self._level, bytes(self._line))
            self._line.clear()


def install(log: Log) -> None:
    sys.stdout = sys.__stdout__ = _stream(log, INFO)
    sys.stderr = sys.__stderr__ = _stream(log, WARN)
    # Empty: input() raises EOFError.
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    patch_logging()


def patch_logging() -> None:
    logging.StreamHandler.emit = _emit


def _stream(log: Log, level: int) -> io.TextIOWrapper:
    # Whatever a script prints: half a surrogate pair is no reason to fail.
    return io.TextIOWrapper(
        _Sink(log, level), encoding="utf-8", errors="backslashreplace", newline="\n", write_through=True
    )


_emit_to_stream = logging.StreamHandler.emit


def _emit(handler: logging.StreamHandler, record: logging.LogRecord) -> None:
    """`StreamHandler.emit` that doesn't lose the record's level on the way through a stream.

    The module is left as it is otherwise: without any configuration warnings come, and
    `logging.basicConfig()` sets level and format as ever.
    """
    sink = getattr(handler.stream, "buffer", None)
    if not isinstance(sink, _Sink):
        _emit_to_stream(handler, record)
        return
    try:
        text = handler.format(record)
    except RecursionError:
        raise
    except Exception:
        handler.handleError(record)
        return
    sink.log.lines(_level(record.levelno), text)


def _level(number: int) -> int:
    if number >= logging.ERROR:
        return ERROR
    if number >= logging.WARNING:
        return WARN
    return INFO if number >= logging.INFO else DEBUG
