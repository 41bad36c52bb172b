"""Exceptions in words, with the lines of the script that led to them.

Formatted as Python does, causes and notes included, without the runner's own frames, and bounded:
what a script raises may be as long and as deep as it likes.
"""

import os
import traceback

from .absent import remedy

MAX_FRAMES = 20
MAX_BYTES = 4 << 10
# Of the exception's own text at the beginning, and of any line, in characters.
_MAX_TEXT = 500
_MAX_LINE = 300
# The last frames tell more than the first.
_FIRST_FRAMES = 8

_HERE = os.path.dirname(__file__) + os.sep


def of_call(name: str, error: BaseException) -> str:
    return _cut(f"Got an exception in call to {name}: {_text(error)}\n{_trace(name, error)}")


def of_loading(name: str, error: BaseException) -> str:
    return _cut(f"{name}: got an exception while loading it: {_text(error)}\n{_trace(name, error)}")


def of_import(name: str, error: ImportError) -> str:
    """A module that isn't there: one line says it all. Anything else is told as it is."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return of_loading(name, error)
    line = _line_of(name, error)
    at = f", line {line}" if line else ""
    return _cut(f"{name}{at}: {error.msg}: {remedy(name, error.name)}")


def of_compilation(name: str, error: BaseException) -> str:
    """A syntax error, with its line and a mark under what is wrong."""
    formatted = "".join(traceback.TracebackException.from_exception(error).format_exception_only())
    return _cut(f"{name}: it isn't valid Python:\n{formatted}".rstrip())


def _line_of(name: str, error: BaseException) -> int | None:
    """The script's line that the exception came through last."""
    line = None
    for frame, at in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == name:
            line = at
    return line


class _Frames(traceback.StackSummary):
    """Leaves out the middle."""

    def format(self, **options) -> list[str]:
        lines = super().format(**options)
        left_out = len(lines) - MAX_FRAMES
        if left_out > 0:
            lines[_FIRST_FRAMES : _FIRST_FRAMES + left_out] = [f"  ... {left_out} frames left out ...\n"]
        return lines


def _trace(name: str, error: BaseException) -> str:
    told = traceback.TracebackException.from_exception(error, lookup_lines=False)
    waiting = [told]
    while waiting:
        one = waiting.pop()
        one.stack = _Frames(frame for frame in one.stack if not frame.filename.startswith(_HERE))
        waiting.extend(filter(None, (one.__cause__, one.__context__, *(getattr(one, "exceptions", None) or ()))))
    lines = "".join(told.format()).rstrip().split("\n")
    text = "\n".join(line if len(line) <= _MAX_LINE else f"{line[:_MAX_LINE]} ..." for line in lines)
    if isinstance(error, ModuleNotFoundError) and error.name:
        text += f": {remedy(name, error.name)}"
    return text


def _text(error: BaseException) -> str:
    """`str()` of the exception as in the original; its type where that is empty or fails."""
    try:
        text = str(error)
    except BaseException:
        text = ""
    if not text:
        return type(error).__name__
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]} ..."


def _cut(text: str) -> str:
    """At most `MAX_BYTES` of UTF-8, without the middle."""
    data = text.encode("utf-8", "backslashreplace")
    if len(data) > MAX_BYTES:
        # Where it came from stands at the beginning, and what was raised at the end.
        mark = b"\n... left out ...\n"
        head = (MAX_BYTES - len(mark)) // 2
        tail = MAX_BYTES - len(mark) - head
        data = data[:head] + mark + data[-tail:]
    return data.decode("utf-8", "ignore")
