"""Points in time as SOAR's `start_time` and the like want them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Union

Time = Union[int, str, datetime]
"""Milliseconds since the Unix epoch (a message's `timestamp`), ISO 8601 text, or a datetime that
knows its time zone."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_DAY = 24 * 60 * 60 * 1000


def text(time: Time) -> str:
    """ISO 8601 in UTC to the millisecond, `2023-11-14T22:13:20.123Z`; text stays as it is."""
    if isinstance(time, str):
        return time
    if isinstance(time, datetime):
        if time.tzinfo is None:
            raise ValueError("a datetime without a time zone names no point in time: give it tzinfo=timezone.utc, say")
        time = (time - _EPOCH) // timedelta(milliseconds=1)
    days, ms = divmod(time, _DAY)
    seconds, ms = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    year, month, day = _civil(days)
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z"


def _civil(days: int) -> tuple[int, int, int]:
    """Year, month and day of a number of days since 1970-01-01, proleptic Gregorian: Howard
    Hinnant's `civil_from_days`. A timestamp may lie beyond the years that `datetime` has."""
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_from_march + 2) // 5 + 1
    month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
    return year_of_era + era * 400 + (month <= 2), month, day
