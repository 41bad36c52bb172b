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
    before = sys.stdout, sys.stderr, logging.root.handlers, logging.lastResort, logging.root.level
    stdio._budget = stdio._Budget()
    yield
    sys.stdout, sys.stderr, logging.root.handlers, logging.lastResort, logging.root.level = before


def logged(say: object, configure: bool = False) -> list[tuple[Level, str]]:
    def parse(given: Batch, out: Output) -> None:
        logging.root.handlers = []
        if configure:
            logging.basicConfig(level=logging.INFO)
        stdio.install()
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


def test_logging_that_was_set_up_before_keeps_its_level_and_format() -> None:
    def say() -> None:
        logging.getLogger("n").info("one")
        logging.getLogger("n").debug("not asked for")
        logging.basicConfig(level=logging.DEBUG)
        logging.getLogger("n").warning("two")

    assert logged(say, configure=True) == [(Level.INFO, "INFO:n:one"), (Level.WARN, "WARNING:n:two")]


def test_logging_that_is_set_up_while_the_parser_runs_writes_too() -> None:
    def say() -> None:
        logging.basicConfig(level=logging.DEBUG)
        logging.getLogger("n").debug("one")

    assert logged(say) == [(Level.WARN, "DEBUG:n:one")]
