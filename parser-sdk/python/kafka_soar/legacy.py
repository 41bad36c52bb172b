"""Scripts written to the original connector's contract, `parse_messages(topic, messages)`.

`messages` is a list of dicts with `message` (the text), `offset` and `partition`; the script returns
a list of dicts, each with a `container` (a dict) and `artifacts` (a list of dicts). What isn't text
never reaches it: such messages are rejected.

A component is made of a script by a module beside it:

    from kafka_soar import legacy
    import my_parser

    MessageParser = legacy.wrap(my_parser)
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from types import ModuleType
from typing import Any

from . import export, log
from .batch import Batch
from .errors import Reject
from .output import Written
from .writing import fault_of, write

ParseMessages = Callable[[str, list[dict[str, Any]]], Any]


def wrap(module: ModuleType, name: str | None = None) -> type:
    """The class that componentize-py looks for under the name MessageParser.

    `name` is what messages call the script; its file's name otherwise. Raises `TypeError` when the
    module has no function `parse_messages` that takes two arguments.
    """
    parse = parser(module, name)
    return export.component(parse)


def parser(module: ModuleType, name: str | None = None) -> Callable[[Batch], Written]:
    """The script as a function over batches: for `kafka_soar.testing`'s `run`."""
    name = name or os.path.basename(getattr(module, "__file__", None) or module.__name__)
    function = getattr(module, "parse_messages", None)
    if not callable(function):
        raise TypeError(f"{name}: there is no function parse_messages(topic, messages)")
    _check_arguments(function, name)
    return lambda batch: _parse(function, name, batch)


def _check_arguments(function: ParseMessages, name: str) -> None:
    """As the original connector did, which looked at a function's own count of arguments."""
    code = getattr(function, "__code__", None)
    if code is not None:
        takes: int = code.co_argcount - (1 if inspect.ismethod(function) else 0)
        if takes != 2:
            raise TypeError(f"{name}: parse_messages() should take exactly 2 arguments, takes {takes} instead")
        return
    try:
        inspect.signature(function).bind("topic", [])
    except TypeError as error:
        raise TypeError(f"{name}: parse_messages() should take exactly 2 arguments: {error}") from None


def _parse(function: ParseMessages, name: str, batch: Batch) -> Written:
    messages: list[dict[str, Any]] = []
    rejections: list[tuple[int, str]] = []
    for message in batch:
        try:
            text = message.text()
        except Reject as error:
            rejections.append((message.index, error.reason))
        else:
            messages.append({"message": text, "offset": message.offset, "partition": message.partition})
    if not messages:
        return Written("", [], rejections)
    try:
        returned = function(batch.topic, messages)
    except Exception as error:
        log.error(f"Got an exception in call to {name}: {error}")
        raise
    ingests = _ingests(returned, name)
    return Written(_text(ingests, name) if ingests else "", [], rejections)


def _ingests(returned: Any, name: str) -> list[dict[str, Any]]:
    """What the script returned in the contract's outline: members of its own are left out."""
    if not isinstance(returned, list):
        hint = ": return list(…) of it" if inspect.isgenerator(returned) or isinstance(returned, tuple) else ""
        raise TypeError(
            f"{name}: parse_messages() must return a list of dicts; it returned {_a(returned)}{hint}"
        )
    ingests = []
    for at, item in enumerate(returned):
        if not isinstance(item, dict):
            raise TypeError(f"{name}: item {at} of what parse_messages() returned must be a dict, is {_a(item)}")
        for member, wanted in (("container", dict), ("artifacts", list)):
            if member not in item:
                raise TypeError(f"{name}: item {at} of what parse_messages() returned: '{member}' is missing")
            if not isinstance(item[member], wanted):
                raise TypeError(
                    f"{name}: item {at} of what parse_messages() returned: '{member}' must be a {wanted.__name__}, "
                    f"is {_a(item[member])}"
                )
        for artifact_at, artifact in enumerate(item["artifacts"]):
            if not isinstance(artifact, dict):
                raise TypeError(
                    f"{name}: item {at} of what parse_messages() returned: artifacts[{artifact_at}] must be a dict, "
                    f"is {_a(artifact)}"
                )
        ingests.append({"container": item["container"], "artifacts": item["artifacts"]})
    return ingests


def _text(ingests: list[dict[str, Any]], name: str) -> str:
    text = write(ingests)
    if text is not None:
        return text
    for at, item in enumerate(ingests):
        if write(item) is None:
            raise TypeError(f"{name}: item {at} of what parse_messages() returned: {fault_of(item, '')}")
    raise TypeError(f"{name}: {fault_of(ingests, '')}")


def _a(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
