"""Bytes to text and text to JSON, with reasons for the person who looks after the topic."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from .errors import Reject


def text(data: bytes, what: str) -> str:
    """The text of UTF-8 bytes. The reason names the first byte at fault, from 0."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        at = error.start
        raise Reject(f"{what} isn't UTF-8 text (byte {data[at]:#04x} at position {at})") from None


def _no_number(literal: str) -> NoReturn:
    # Python's json takes NaN and the infinities, which JSON doesn't have.
    raise ValueError(f"{literal} is no JSON number")


_DECODER = json.JSONDecoder(parse_constant=_no_number)


def json_value(source: str, what: str) -> Any:
    """The value of JSON text."""
    try:
        return _DECODER.decode(source)
    except json.JSONDecodeError as error:
        fault = f"{error.msg} at line {error.lineno} column {error.colno}"
    except RecursionError:
        fault = "it is nested too deeply"
    except ValueError as error:
        fault = str(error)
    raise Reject(f"{what} isn't JSON: {fault}") from None


def json_object(source: str, what: str) -> dict[str, Any]:
    """The object of JSON text."""
    value = json_value(source, what)
    if not isinstance(value, dict):
        raise Reject(f"{what} isn't the JSON that this parser expects: it isn't an object")
    return value
