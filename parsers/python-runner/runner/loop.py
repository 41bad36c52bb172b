"""An event loop for a world with nothing to wait for.

`asyncio.run()` needs a socket pair to wake its loop, and there are no sockets; nor are there
threads, signals or files that could ever wake one. What is left are timers, and here a wait ends at
once, with the loop's own clock put forward: `asyncio.sleep(60)` takes no time.
"""

import asyncio


class _Nothing:
    """Stands where a loop has its selector."""

    def __init__(self, loop: "Loop"):
        self._loop = loop

    def select(self, timeout: float | None) -> list:
        if timeout is None:
            raise RuntimeError("the event loop waits for something that can't happen in a sandbox")
        self._loop.passed += timeout
        return []

    def close(self) -> None:
        pass


class Loop(asyncio.BaseEventLoop):
    def __init__(self):
        super().__init__()
        self.passed = 0.0
        self._selector = _Nothing(self)

    def time(self) -> float:
        return super().time() + self.passed

    def _process_events(self, events: list) -> None:
        pass

    def _write_to_self(self) -> None:
        pass


def install() -> None:
    asyncio.new_event_loop = asyncio.events.new_event_loop = Loop
