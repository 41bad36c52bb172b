"""Python values in words: what one is, and what makes JSON of it."""

import datetime
import decimal
import types
import uuid
from collections.abc import Iterator, KeysView, MappingView, Set, ValuesView
from enum import Enum


def a(value: object) -> str:
    """`a datetime`, `an OrderedDict`, `None`."""
    if value is None:
        return "None"
    kind = type(value).__name__
    if kind in ("bytes", "memoryview"):
        return kind
    return f"{'an' if kind[:1].lower() in ('a', 'e', 'i', 'o') else 'a'} {kind}"


def to_list(value: object) -> str:
    """The remedy for what is to be a list and isn't."""
    if value is None:
        return "is there a `return` on every path?"
    if isinstance(value, types.CoroutineType):
        return "call asyncio.run() in it"
    if isinstance(value, dict):
        return "return a list of it: [...]"
    return "return list(...) of it" if hasattr(value, "__iter__") else "return a list"


def to_json(value: object) -> str:
    """The remedy for a value that JSON doesn't have."""
    match value:
        case bytes() | bytearray() | memoryview():
            return "decode it, or base64.b64encode(...).decode()"
        case Enum():
            return "take its .value or .name"
        case datetime.datetime() | datetime.date() | datetime.time():
            return "str(...) or .isoformat() of it"
        case decimal.Decimal():
            return "float(...) or str(...) of it"
        case uuid.UUID():
            return "str(...) of it"
        case MappingView() if isinstance(value, (KeysView, ValuesView)):
            return "list(...) of it"
        case Set():
            return "sorted(...) of it is a list"
        case Iterator() | range():
            return "list(...) of it"
        case type() | types.FunctionType() | types.BuiltinFunctionType() | types.MethodType():
            return "was it to be called?"
    return "make it text, a number, a list or a dict: str(...) of it, for one"
