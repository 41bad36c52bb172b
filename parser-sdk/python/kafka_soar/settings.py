"""The asset's `parser_settings`. They are the same for a whole poll."""

from __future__ import annotations

from typing import Any

from . import decode, host


def get() -> dict[str, Any]:
    """The settings; an asset without settings has an empty object.

    Raises `Reject` when they aren't a JSON object, which outside of `Batch.each` refuses the
    batch.
    """
    return decode.json_object(text(), "`parser_settings`")


def text() -> str:
    """The settings as JSON text, always of an object."""
    return host.current().settings()
