"""The poll that a batch belongs to, and the only clock there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from . import host


@dataclass(frozen=True)
class Instant:
    """When a poll began."""

    unix_ms: int
    """Milliseconds since the Unix epoch."""

    utc_offset_minutes: int
    """The host's local time is UTC plus this, in minutes east."""

    @property
    def utc(self) -> datetime:
        """The instant in UTC."""
        return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=self.unix_ms)

    @property
    def local(self) -> datetime:
        """The same instant in the host's local time."""
        return self.utc.astimezone(timezone(timedelta(minutes=self.utc_offset_minutes)))


def started() -> Instant:
    """When the poll began. It doesn't advance, and a batch that is delivered again after a crash
    sees the same instant."""
    return Instant(*host.current().started())
