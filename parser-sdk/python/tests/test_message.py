"""What a parser reads."""

from __future__ import annotations

import pytest
from kafka_soar import Batch, Header, Message, Output, Reject
from kafka_soar.testing import batch


def reason(call: object) -> str:
    with pytest.raises(Reject) as caught:
        call()  # type: ignore[operator]
    return caught.value.reason


def test_a_message_gives_back_what_kafka_held() -> None:
    first, second = (
        batch("t")
        .record(
            None,
            key="k",
            headers=[("a", "1"), ("a", b"2"), ("b", None)],
            timestamp=1_700_000_000_123,
            partition=3,
            offset=7,
        )
        .value("plain")
        .batch()
    )
    assert (first.topic, first.partition, first.offset, first.index) == ("t", 3, 7, 0)
    assert (first.timestamp, first.key, first.key_text(), first.value) == (1_700_000_000_123, b"k", "k", None)
    assert first.headers == [Header("a", b"1"), Header("a", b"2"), Header("b", None)]
    assert (first.header("a"), first.header("b"), first.header("c")) == (b"2", None, None)
    assert reason(first.text) == "the message has no value (a tombstone)"

    assert (second.partition, second.offset, second.index) == (0, 0, 1)
    assert (second.timestamp, second.key, second.key_text(), second.headers) == (None, None, None, [])
    assert (second.text(), second.bytes()) == ("plain", b"plain")


def test_columns_are_read_at_every_place() -> None:
    values = [None, b"ab", b"", None, b"c"]
    given = batch("t")
    for at, value in enumerate(values):
        given.record(value, key=None if at != 3 else b"", headers=[("h", str(at))] * at)
    messages = list(given.batch())
    assert [message.value for message in messages] == values
    assert [message.key for message in messages] == [None, None, None, b"", None]
    assert [message.headers for message in messages] == [[Header("h", str(at).encode())] * at for at in range(5)]
    assert [message.offset for message in messages] == [0, 1, 2, 3, 4]


def test_a_batch_is_a_sequence() -> None:
    given = batch("t").value("a").value("b").batch()
    assert len(given) == 2
    assert given[-1].text() == "b"
    with pytest.raises(IndexError):
        given[2]


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (b"0123456789abcdefg\xff", 17),
        (b"\xe2\x82", 0),
        (b"\xed\xa0\x80", 0),
        (b"a\xc3", 1),
        (b"\xf0\x9f\x98\x80\x80", 4),
    ],
)
def test_text_that_is_not_utf8_names_the_byte(value: bytes, at: int) -> None:
    message = batch("t").record(value, key=value).batch()[0]
    what = f"isn't UTF-8 text (byte {value[at]:#04x} at position {at})"
    assert reason(message.text) == f"the value {what}"
    assert reason(message.key_text) == f"the key {what}"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[1,", "Expecting value at line 1 column 4"),
        ('{"a":\n}', "Expecting value at line 2 column 1"),
        ("NaN", "NaN is no JSON number"),
        ("[-Infinity]", "-Infinity is no JSON number"),
        ("[" * 200_000, "it is nested too deeply"),
    ],
)
def test_json_that_is_none_says_where(text: str, fault: str) -> None:
    assert reason(batch("t").value(text).batch()[0].json) == f"the value isn't JSON: {fault}"


def test_json_is_read() -> None:
    given = batch("t").value('{"host":"h1","n":[1,2.5,null]}').value("[1]").tombstone().batch()
    assert given[0].json_object() == {"host": "h1", "n": [1, 2.5, None]}
    assert given[1].json() == [1]
    assert reason(given[1].json_object) == "the value isn't the JSON that this parser expects: it isn't an object"
    assert reason(given[2].json) == "the message has no value (a tombstone)"


def test_each_goes_on_after_a_rejection() -> None:
    seen = []

    def see(message: Message, out: Output) -> None:
        seen.append(message.index)
        raise Reject("no")

    def parse(given: Batch, out: Output) -> None:
        given.each(out, see)

    parsed = batch("t").value("a").value("b").parse(parse)
    assert seen == [0, 1]
    assert parsed.reasons == {0: "no", 1: "no"}
    assert (parsed.text, parsed.ingests, parsed.sources) == ("", [], [])
