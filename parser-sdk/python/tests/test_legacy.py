"""Scripts written to the original contract."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from kafka_soar import legacy
from kafka_soar.testing import Parsed, batch


def script(source: str) -> ModuleType:
    module = ModuleType("my_parser")
    module.__file__ = "/somewhere/my_parser.py"
    exec(source, module.__dict__)
    return module


def returning(value: Any) -> ModuleType:
    module = ModuleType("my_parser")
    setattr(module, "parse_messages", lambda topic, messages: value)
    return module


def iter_nothing() -> Iterator[Any]:
    yield from ()


def run(module: ModuleType) -> Parsed:
    given = batch("t").value("one").value(b"\xff").record("drei ä", partition=2, offset=9).tombstone()
    return given.run(legacy.parser(module))


def test_a_script_gets_text_and_its_bodies_are_kept() -> None:
    parsed = run(
        script(
            "def parse_messages(topic, messages):\n"
            "    return [{'container': {'name': topic}, 'artifacts': [{'cef': m} for m in messages], 'more': 1}]\n"
        )
    )
    assert parsed.text == (
        '[{"container":{"name":"t"},"artifacts":[{"cef":{"message":"one","offset":0,"partition":0}},'
        '{"cef":{"message":"drei ä","offset":9,"partition":2}}]}]'
    )
    assert parsed.sources == []
    assert parsed.reasons == {
        1: "the value isn't UTF-8 text (byte 0xff at position 0)",
        3: "the message has no value (a tombstone)",
    }


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("x = 1", "my_parser.py: there is no function parse_messages(topic, messages)"),
        (
            "def parse_messages(topic): pass",
            "my_parser.py: parse_messages() should take exactly 2 arguments, takes 1 instead",
        ),
        (
            "def parse_messages(a, b, c=1): pass",
            "my_parser.py: parse_messages() should take exactly 2 arguments, takes 3 instead",
        ),
    ],
)
def test_a_script_of_another_shape_is_named(source: str, fault: str) -> None:
    with pytest.raises(TypeError) as caught:
        legacy.wrap(script(source))
    assert str(caught.value) == fault


def test_callables_of_other_kinds_are_taken() -> None:
    class Parser:
        def __call__(self, topic: str, messages: list[dict[str, Any]]) -> list[Any]:
            return []

        def method(self, topic: str, messages: list[dict[str, Any]]) -> list[Any]:
            return []

    def three(x: int, topic: str, messages: list[dict[str, Any]]) -> list[Any]:
        return []

    functions: list[Any] = [Parser(), Parser().method, functools.partial(three, 1)]
    for function in functions:
        module = ModuleType("m")
        setattr(module, "parse_messages", function)
        assert run(module).text == ""


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (None, "m: parse_messages() must return a list of dicts; it returned None"),
        ((1,), "m: parse_messages() must return a list of dicts; it returned a tuple: return list(…) of it"),
        (iter_nothing(), "m: parse_messages() must return a list of dicts; it returned a generator: return list(…) of it"),
        ([1], "m: item 0 of what parse_messages() returned must be a dict, is a int"),
        ([{"container": {}}], "m: item 0 of what parse_messages() returned: 'artifacts' is missing"),
        (
            [{"container": [], "artifacts": []}],
            "m: item 0 of what parse_messages() returned: 'container' must be a dict, is a list",
        ),
        (
            [{"container": {}, "artifacts": [{}, "x"]}],
            "m: item 0 of what parse_messages() returned: artifacts[1] must be a dict, is a str",
        ),
        (
            [{"container": {}, "artifacts": [{"cef": {"x": {1}}}]}],
            "m: item 0 of what parse_messages() returned: `artifacts[0].cef.x` can't be written as JSON: "
            "it is of type set: make it text, a number, a list or a dict",
        ),
    ],
)
def test_what_is_wrong_with_a_result_is_named(value: Any, fault: str) -> None:
    with pytest.raises(TypeError) as caught:
        batch("t").value("x").run(legacy.parser(returning(value), "m"))
    assert str(caught.value) == fault


def test_only_text_reaches_a_script() -> None:
    called = []

    def parse_messages(topic: str, messages: list[dict[str, Any]]) -> list[Any]:
        called.append(messages)
        return []

    module = ModuleType("m")
    setattr(module, "parse_messages", parse_messages)
    batch("t").tombstone().run(legacy.parser(module))
    assert called == []
