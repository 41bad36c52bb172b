"""Why a message or a batch can't be handled."""

from __future__ import annotations

import json
import os
from types import TracebackType

# What another exception says may quote the message, at whatever length it has.
_LONGEST = 160

SDK = os.path.dirname(__file__) + os.sep
"""Where this package is."""

LIBRARY = os.path.dirname(os.path.dirname(json.__file__)) + os.sep
"""Where Python's own library is. Not told by `os`, which is frozen into an interpreter without a path."""

# Frames in these places are of no help to who wrote the parser.
_NOT_THE_PARSERS = (SDK, LIBRARY, "<frozen")


class Reject(Exception):
    """A message can't be handled, raised in the function that `Batch.each` calls; anywhere else,
    the whole batch can't.

    The reason is for the person who looks after the topic: say what is wrong and where. It isn't
    the place for the message's data, which may be confidential; the host cuts it at 1 KiB.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refuse(Exception):
    """No message of this batch can be handled (a setting is missing, say). The poll stops before
    the batch: nothing of it is delivered or quarantined, and no offset advances."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def bug(what: str) -> Refuse:
    """For a call that makes no sense: the batch is refused, because no message is to blame."""
    return Refuse(f"the parser has a bug: {what}")


def reason_of(error: Exception) -> str:
    """The reason for an exception; for any other than `Reject` with its place in the parser."""
    if isinstance(error, Reject):
        return error.reason
    said = str(error)
    if len(said) > _LONGEST:
        said = said[:_LONGEST] + "…"
    return f"{type(error).__name__}{_place(error.__traceback__)}" + (f": {said}" if said else "")


def _place(traceback: TracebackType | None) -> str:
    place = ""
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if not file.startswith(_NOT_THE_PARSERS):
            place = f" in {os.path.basename(file)}, line {traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place
