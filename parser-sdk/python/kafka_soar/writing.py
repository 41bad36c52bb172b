"""Values to JSON text, and what is wrong with those that have none."""

from __future__ import annotations

import json
from typing import Any

# The same bytes as the other SDKs: nothing is escaped but quotes, backslashes and U+0000 to U+001F.
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def write(value: Any) -> str | None:
    """JSON text; None when the value has none."""
    try:
        text = _ENCODER.encode(value)
        if not text.isascii():
            # Half a surrogate pair has no UTF-8.
            text.encode()
        return text
    except (TypeError, ValueError, RecursionError):
        return None


def fault_of(value: Any, path: str) -> str:
    """Why a value can't be written, with the place of the fault in it."""
    fault = _find(value, path, ())
    return "a value can't be written as JSON" if fault is None else "`{}` can't be written as JSON: {}".format(*fault)


def _find(value: Any, path: str, above: tuple[int, ...]) -> tuple[str, str] | None:
    if isinstance(value, (dict, list, tuple)):
        if id(value) in above:
            return path, "it holds itself"
        if len(above) >= 100:
            return path, "it is nested more than 100 deep"
        above = (*above, id(value))
    if isinstance(value, dict):
        for key, item in value.items():
            place = f"{path}.{key}" if path else str(key)
            if not isinstance(key, (str, int, float, type(None))):
                return path or "the body", f"a key is of type {type(key).__name__}: make it text"
            found = (_find(key, path, ()) if isinstance(key, (str, float)) else None) or _find(item, place, above)
            if found:
                return found
        return None
    if isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            found = _find(item, f"{path}[{at}]", above)
            if found:
                return found
        return None
    return _scalar(value, path)


def _scalar(value: Any, path: str) -> tuple[str, str] | None:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            return path, f"the text has half a surrogate pair at position {error.start}"
        return None
    if isinstance(value, float):
        finite = value - value == 0
        return None if finite else (path, f"{value} is no JSON number")
    if value is None or isinstance(value, int):
        return None
    return path, f"it is of type {type(value).__name__}: make it text, a number, a list or a dict"
