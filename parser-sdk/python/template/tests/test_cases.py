"""The cases, natively: the same as `kafka-soar parser test` runs in the sandbox."""

import json
from pathlib import Path

import pytest
from kafka_soar.testing import batch

from message_parser import parse

CASES = sorted((Path(__file__).parent / "cases").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path) -> None:
    parsed = batch("events").ndjson(case / "in.ndjson").parse(parse)
    assert parsed.as_case() == json.loads((case / "expected.json").read_text(encoding="utf-8"))
