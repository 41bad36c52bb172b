"""One script in one interpreter: loaded by the first batch, called for each."""

from collections.abc import Callable

from . import result, snapshot, streams, trace
from .failures import Failed
from .lines import Log
from .messages import unpack
from .script import Script, load


class Session:
    def __init__(self, source: Callable[[], tuple[str, str]], log: Log):
        """`source` gives the script's name and text."""
        self._source = source
        self._log = log
        self._script: Script | None = None

    def parse(
        self, topic: str, text: str, ends: bytes, offsets: bytes, partitions: bytes
    ) -> str:
        """The JSON text of what the script makes of the messages. Raises `Broken` or `Failed`."""
        if self._script is None:
            name, source = self._source()
            self._log.begin(name)
            streams.install(self._log)
            snapshot.wake()
            try:
                self._script = load(name, source)
            finally:
                self._log.flush()
            snapshot.settle()
        else:
            self._log.begin(self._script.name)
        script = self._script
        messages = unpack(text, ends, offsets, partitions)
        try:
            # Whatever a script raises, SystemExit too, ends this batch and not the interpreter.
            try:
                returned = script.parse_messages(topic, messages)
            except BaseException as error:
                raise Failed(trace.of_call(script.name, error)) from None
            return result.to_json(script.name, returned)
        finally:
            self._log.flush()
