"""The time zones of the package tzdata, kept in memory: there are no files to read them from."""

import io
import zoneinfo._common as common
import zoneinfo._tzpath as paths
from collections.abc import Callable
from importlib import resources


def preload() -> None:
    """At build time."""
    files = resources.files("tzdata")
    names = files.joinpath("zones").read_text().split()
    data = {name: files.joinpath("zoneinfo", *name.split("/")).read_bytes() for name in names}
    common.load_tzdata = _loader(data)
    paths.available_timezones = lambda: set(data)
    import zoneinfo

    zoneinfo.available_timezones = paths.available_timezones


def _loader(data: dict[str, bytes]) -> Callable[[str], io.BytesIO]:
    def load_tzdata(key: str) -> io.BytesIO:
        try:
            return io.BytesIO(data[key])
        except KeyError:
            raise common.ZoneInfoNotFoundError(f"No time zone found with key {key}") from None

    return load_tzdata
