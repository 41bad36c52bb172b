"""Loads a script, and checks what the original connector's contract asks of it."""

import inspect
import io
import linecache
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import trace
from .kinds import a
from .failures import Broken

# What `__name__` is in a script. Not `__main__`: a script's own tests behind that stay unrun.
MODULE = "message_parser"


@dataclass(frozen=True)
class Script:
    name: str
    parse_messages: Callable[[str, list[dict]], Any]


def load(name: str, text: str) -> Script:
    """Runs the script's text as a module. Raises `Broken`."""
    text = text.removeprefix("\ufeff")
    _remember_lines(name, text)
    try:
        # Not this file's `from __future__`, should it get any.
        code = compile(text, name, "exec", dont_inherit=True)
    except BaseException as error:
        raise Broken(trace.of_compilation(name, error)) from None
    module = types.ModuleType(MODULE)
    module.__file__ = name
    # Dataclasses, pickle, enum and typing look a class's module up there.
    sys.modules[MODULE] = module
    try:
        exec(code, module.__dict__)
    except ImportError as error:
        raise Broken(trace.of_import(name, error)) from None
    except BaseException as error:
        raise Broken(trace.of_loading(name, error)) from None
    if not hasattr(module, "parse_messages"):
        raise Broken(
            f"{name}: it defines no parse_messages(): write `def parse_messages(topic, messages):`, "
            "which returns a list of dicts with 'container' and 'artifacts'"
        )
    return Script(name, _checked(name, module.parse_messages))


def _remember_lines(name: str, text: str) -> None:
    """Lets tracebacks show the script's lines: there is no file to read them from."""
    lines = io.StringIO(text, newline=None).readlines()
    # Without a modification time linecache keeps it, file or not.
    linecache.cache[name] = (len(text), None, lines, name)


def _checked(name: str, function: Any) -> Callable[[str, list[dict]], Any]:
    if not callable(function):
        raise Broken(
            f"{name}: parse_messages must be a function with two parameters, topic and messages; "
            f"it is {a(function)}"
        )
    wrapped = inspect.unwrap(function)
    if inspect.isfunction(wrapped):
        _check_function(name, wrapped)
    elif not _takes_two(function):
        raise Broken(
            f"{name}: parse_messages() should take exactly 2 arguments, "
            f"which {a(function)} doesn't: write `def parse_messages(topic, messages):`"
        )
    return function


def _check_function(name: str, function: types.FunctionType) -> None:
    # What the original counted: neither `*args` nor parameters behind a `*`.
    count = function.__code__.co_argcount
    if count != 2:
        raise Broken(
            f"{name}: parse_messages() should take exactly 2 arguments, takes {count} instead: "
            "write `def parse_messages(topic, messages):`"
        )
    defaults = function.__kwdefaults__ or {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.name not in defaults:
            raise Broken(
                f"{name}: parse_messages() requires {parameter.name!r}, which nobody gives it: "
                "give it a default"
            )
    if inspect.iscoroutinefunction(function):
        raise Broken(
            f"{name}: parse_messages() must not be `async`: write `def parse_messages(topic, messages):` "
            "and call asyncio.run() in it"
        )


def _takes_two(function: Callable) -> bool:
    # partial objects, instances with __call__, bound methods; what can't tell is taken at its word.
    try:
        inspect.signature(function).bind(None, None)
    except TypeError:
        return False
    except ValueError:
        return True
    return True
