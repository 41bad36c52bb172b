"""The runner in this interpreter, which is left as it was."""

import gc
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from struct import pack

from runner import streams
from runner.failures import Broken, Failed
from runner.lines import Log
from runner.script import MODULE
from runner.session import Session


_STREAMS = ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__")


class Running:
    """A script and what it wrote; each call is a batch."""

    def __init__(self, text: str, name: str = "my.py"):
        self.log: list[tuple[int, str]] = []
        self._streams: dict = {}
        self._session = Session(lambda: (name, text), Log(lambda level, line: self.log.append((level, line))))

    def parse(self, *texts: str, topic: str = "events", first: int = 0) -> str:
        ends, end = [], 0
        for text in texts:
            end += len(text)
            ends.append(end)
        count = len(texts)
        with _as_it_was():
            for name, stream in self._streams.items():
                setattr(sys, name, stream)
            if self._streams:
                streams.patch_logging()
            try:
                return self._session.parse(
                    topic,
                    "".join(texts),
                    pack(f"<{count}I", *ends),
                    pack(f"<{count}q", *range(first, first + count)),
                    pack(f"<{count}i", *[3] * count),
                )
            finally:
                self._streams = {name: getattr(sys, name) for name in _STREAMS}

    def why(self, *texts: str, as_: type[Exception] = Failed) -> str:
        """The words of a failure that is expected."""
        try:
            returned = self.parse(*texts)
        except (Broken, Failed) as error:
            assert type(error) is as_, error
            return str(error)
        raise AssertionError(f"it returned {returned}")


def broken(text: str, name: str = "my.py") -> str:
    return Running(text, name).why("x", as_=Broken)


def failed(body: str) -> str:
    """Of a script whose `parse_messages` has this body."""
    return returning(body).why("x")


def returning(body: str) -> Running:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return Running(f"def parse_messages(topic, messages):\n{lines}\n")


@contextmanager
def _as_it_was() -> Iterator[None]:
    before = {name: getattr(sys, name) for name in _STREAMS}
    emit, threshold = logging.StreamHandler.emit, gc.get_threshold()
    handlers, level = logging.root.handlers[:], logging.root.level
    try:
        yield
    finally:
        for name, stream in before.items():
            setattr(sys, name, stream)
        logging.StreamHandler.emit = emit
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)
        gc.set_threshold(*threshold)
        gc.unfreeze()
        sys.modules.pop(MODULE, None)
