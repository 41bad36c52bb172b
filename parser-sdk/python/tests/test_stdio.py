"""What a parser prints, where there is no terminal."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

import pytest
from kafka_soar import Batch, Output, stdio
from kafka_soar.log import Level
from kafka_soar.testing import batch


@pytest.fixture(autouse=True)
def streams() -> Iterator[None]:
    before = sys.stdout, sys.stderr, logging.root.handlers
    stdio._budget = stdio._Budget()
    yield
    sys.stdout, sys.stderr, logging.root.handlers = before


def logged(say: object) -> list[tuple[Level, str]]:
    def parse(given: Batch, out: Output) -> None:
        stdio.install()
        logging.root.handlers = []
        stdio.install_logging()
        logging.basicConfig()
        say()  # type: ignore[operator]
        stdio.flush()

    return batch("t").value("x").parse(parse).log


def test_lines_go_to_the_log_at_their_level() -> None:
    def say() -> None:
        print("one\ntwo")
        print("a", end="")
        print("b")
        sys.stderr.write("warned")
        logging.getLogger("n").error("failed %d", 1)
        logging.getLogger("n").info("not asked for")

    assert logged(say) == [
        (Level.INFO, "one"),
        (Level.INFO, "two"),
        (Level.INFO, "ab"),
        (Level.ERROR, "failed 1"),
        (Level.WARN, "warned"),
    ]


def test_a_flood_is_counted_and_left_out() -> None:
    def say() -> None:
        for _ in range(1000):
            print("x" * 100)

    lines = logged(say)
    assert len(lines) == stdio.MOST // 100 + 1
    assert lines[-1] == (
        Level.WARN,
        "673 more lines of print and logging are left out: 32768 bytes a batch are written",
    )
