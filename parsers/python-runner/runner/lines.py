"""What a script prints and logs, on its way to the connector's log."""

from collections.abc import Callable

DEBUG, INFO, WARN, ERROR = range(4)

# What a line may have; the host would cut it there.
MAX_LINE_BYTES = 4 << 10
# What the lines of a batch may have: half of what a parser may log by default, since passing that
# ends a batch. A script that prints each message is to run all the same.
MAX_BATCH_BYTES = 32 << 10


class Log:
    def __init__(self, write: Callable[[int, str], None]):
        self._write = write
        self._name = ""
        self._left = 0
        self._left_out = 0
        self._unfinished: list[Callable[[], None]] = []

    def begin(self, name: str) -> None:
        """A batch begins, of the script of that name."""
        self._name = name
        self._left = MAX_BATCH_BYTES
        self._left_out = 0

    def at_end(self, finish: Callable[[], None]) -> None:
        """Has a function called when a batch ends: to write a line whose end hasn't come."""
        self._unfinished.append(finish)

    def flush(self) -> None:
        """The batch ends."""
        for finish in self._unfinished:
            finish()
        if self._left_out:
            self._write(
                WARN,
                f"{self._name} printed and logged more than {MAX_BATCH_BYTES >> 10} KiB in one batch: "
                f"{self._left_out} lines were left out",
            )
            self._left_out = 0

    def lines(self, level: int, text: str) -> None:
        for line in text.split("\n"):
            self.line(level, line.encode("utf-8", "backslashreplace"))

    def line(self, level: int, line: bytes) -> None:
        """One line, without its end."""
        line = line.removesuffix(b"\r")
        if len(line) > MAX_LINE_BYTES:
            line = line[: MAX_LINE_BYTES - 4] + b" ..."
        # An empty line costs too.
        self._left -= max(len(line), 1)
        if self._left < 0:
            self._left_out += 1
        else:
            self._write(level, line.decode("utf-8", "backslashreplace"))
