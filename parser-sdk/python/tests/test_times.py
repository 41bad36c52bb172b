"""How instants are written."""

import pytest
from kafka_soar import times


@pytest.mark.parametrize(
    ("unix_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (4_107_542_400_001, "2100-03-01T00:00:00.001Z"),
        (253_402_300_800_000, "10000-01-01T00:00:00.000Z"),
        (10**17, "3170843-11-07T09:46:40.000Z"),
    ],
)
def test_times_are_those_of_the_calendar(unix_ms: int, text: str) -> None:
    assert times.text(unix_ms) == text


def test_every_day_is_pythons_too() -> None:
    from datetime import date, timedelta

    first = date(1, 1, 1)
    for days in range(0, (date(9999, 12, 31) - first).days, 7):
        day = first + timedelta(days=days)
        since = (day - date(1970, 1, 1)).days
        assert times.text(since * 86_400_000) == f"{day.isoformat()}T00:00:00.000Z"
