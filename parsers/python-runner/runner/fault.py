"""Finds what is wrong with what a script returned, and where."""

import math
import re
from collections.abc import Iterator
from typing import Any

from .kinds import a, to_json, to_list

_HALF_A_PAIR = re.compile("[\ud800-\udfff]")

# As deep as the host lets containers and artifacts be.
_MAX_DEPTH = 100


def not_a_list(name: str, returned: Any) -> str:
    return (
        f"{name}: parse_messages() must return a list of dicts; "
        f"it returned {a(returned)}: {to_list(returned)}"
    )


def in_outline(name: str, returned: list) -> str:
    for index, item in enumerate(returned):
        if what := _outline(item):
            return f"{name}: in what parse_messages() returned, item {index}{what}"
    return f"{name}: parse_messages() must return a list of dicts with 'container' and 'artifacts'"


def _outline(item: Any) -> str | None:
    if not isinstance(item, dict):
        return f" must be a dict with 'container' and 'artifacts', is {a(item)}"
    for field in ("container", "artifacts"):
        if field not in item:
            there = ", ".join(repr(key)[:40] for key in list(item)[:8]) or "nothing"
            return f": {field!r} is missing (it has {there}): each item needs 'container' and 'artifacts'"
    container, artifacts = item["container"], item["artifacts"]
    if not isinstance(container, dict):
        return f": 'container' must be a dict, is {a(container)}"
    if not isinstance(artifacts, list):
        remedy = "[] for none" if artifacts is None else to_list(artifacts).removeprefix("return ")
        return f": 'artifacts' must be a list of dicts, is {a(artifacts)}: {remedy}"
    for index, artifact in enumerate(artifacts):
        if not isinstance(artifact, dict):
            return f", artifacts[{index}] must be a dict, is {a(artifact)}"
    return None


def in_values(name: str, returned: list, error: Exception) -> str:
    """`error` is the encoder's, in whose words a fault is told that isn't found here."""
    for index, item in enumerate(returned):
        for field in ("container", "artifacts"):
            if what := next(_values(item[field], field), None):
                return f"{name}: in what parse_messages() returned, item {index}: {what}"
    return f"{name}: what parse_messages() returned can't be written as JSON: {error}"


def _values(root: Any, path: str) -> Iterator[str]:
    """Faults in a value, in the order of the text that it would give."""
    # Not recursive: what is returned may be nested deeper than calls can be. An item is a value and
    # its path, or None where the value is left that was entered last.
    stack: list[tuple[Any, str] | None] = [(root, path)]
    entered: list[int] = []
    while stack:
        item = stack.pop()
        if item is None:
            entered.pop()
            continue
        value, path = item
        match value:
            case str():
                yield from _text(value, f"{path} has")
            case float():
                if not math.isfinite(value):
                    yield f"{path} is {value!r}, which JSON doesn't have: None, or leave it out"
            case None | int():
                pass
            case dict() | list() | tuple():
                if id(value) in entered:
                    yield f"{path} contains itself: copy what is needed of it"
                    return
                if len(entered) >= _MAX_DEPTH:
                    yield f"{_start(path)} is nested more than {_MAX_DEPTH} deep: make it flatter"
                    return
                entered.append(id(value))
                stack.append(None)
                if isinstance(value, dict):
                    for key in value:
                        yield from _key(key, path)
                    members = [(value[key], _member(path, key)) for key in value]
                else:
                    members = [(member, f"{path}[{index}]") for index, member in enumerate(value)]
                stack.extend(reversed(members))
            case _:
                yield f"{path} is {a(value)}, which JSON doesn't have: {to_json(value)}"


def _key(key: Any, path: str) -> Iterator[str]:
    match key:
        case str():
            yield from _text(key, f"{path} has a key with")
        case float():
            if not math.isfinite(key):
                yield f"{path} has the key {key!r}, which JSON doesn't have: str(...) of it"
        case None | int():
            pass
        case _:
            yield f"{path} has the key {_short(key)}, {a(key)}: a key must be text: str(...) of it"


def _text(text: str, has: str) -> Iterator[str]:
    if found := _HALF_A_PAIR.search(text):
        yield (
            f"{has} half a surrogate pair, {ascii(found[0])} at position {found.start()}, "
            "which is no character: .encode('utf-8', 'replace').decode() makes '?' of it"
        )


def _member(path: str, key: Any) -> str:
    plain = isinstance(key, str) and key.isidentifier()
    return f"{path}.{key}" if plain else f"{path}[{_short(key)}]"


def _short(key: Any) -> str:
    text = ascii(key)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _start(path: str) -> str:
    return path if len(path) <= 80 else f"{path[:80]}..."
