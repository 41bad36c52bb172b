"""What a parser writes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from kafka_soar import Batch, Message, Output, Refuse, Reject, log, poll, settings
from kafka_soar.export import crash
from kafka_soar.testing import Given, Parsed, batch

Each = Callable[[Message, Output], None]


def words() -> Given:
    return batch("t").value("one").value("two").value("three")


def each(parse: Each, given: Given | None = None) -> Parsed:
    return (given or words()).parse(lambda given, out: given.each(out, parse))


def as_list(parsed: Parsed) -> list[dict[str, Any]]:
    return [one._asdict() for one in parsed.ingests]


def test_playbooks_run_after_the_last_artifact_of_each_container() -> None:
    def parse(given: Batch, out: Output) -> None:
        container = out.container("a")
        for message in given:
            if message.index == 2:
                container = out.container("b")
            container.artifact(message, cef={"message": message.text()})

    assert as_list(words().parse(parse)) == [
        {
            "container": {"name": "a"},
            "artifacts": [{"cef": {"message": "one"}, "run_automation": False}, {"cef": {"message": "two"}}],
        },
        {"container": {"name": "b"}, "artifacts": [{"cef": {"message": "three"}}]},
    ]


def test_an_artifact_keeps_its_own_choice_of_automation() -> None:
    def parse(given: Batch, out: Output) -> None:
        container = out.container("a", run_automation=False)
        container.artifact(given[0], run_automation=True)
        container.artifact(given[1], fields={"run_automation": True})
        container.artifact(given[2])

    assert as_list(words().parse(parse)) == [
        {
            "container": {"name": "a", "run_automation": False},
            "artifacts": [{"run_automation": True}, {"run_automation": True}, {}],
        }
    ]


@pytest.mark.parametrize("rejected", range(3))
def test_what_was_written_for_a_rejected_message_is_taken_back(rejected: int) -> None:
    def parse(given: Batch, out: Output) -> None:
        first = out.container("a", skip_if_empty=True)

        def one(message: Message, out: Output) -> None:
            first.artifact(message, name="kept or not")
            out.container("b").artifact(message, name=message.text())
            if message.index == rejected:
                raise Reject(f"number {rejected}")

        given.each(out, one)

    parsed = words().parse(parse)
    left = [index for index in range(3) if index != rejected]
    assert parsed.sources == [*left, *left]
    assert parsed.reasons == {rejected: f"number {rejected}"}
    assert [len(one.artifacts) for one in parsed.ingests] == [2, 1, 1]


def test_a_container_that_outlives_the_rejection_of_its_message_loses_nothing() -> None:
    def parse(given: Batch, out: Output) -> None:
        groups = {}

        def one(message: Message, out: Output) -> None:
            if "group" not in groups:
                groups["group"] = out.container("group")
            groups["group"].artifact(message, name=message.text())
            if message.index == 0:
                raise Reject("no")

        given.each(out, one)

    parsed = words().parse(parse)
    assert [artifact["name"] for artifact in parsed.ingests[0].artifacts] == ["two", "three"]
    assert (parsed.sources, parsed.reasons) == ([1, 2], {0: "no"})


def test_an_empty_container_stays_unless_it_is_to_be_skipped() -> None:
    def parse(given: Batch, out: Output) -> None:
        out.container("kept")
        out.container("left out", skip_if_empty=True)

    assert as_list(words().parse(parse)) == [{"container": {"name": "kept"}, "artifacts": []}]


def test_every_member_is_where_soar_looks_for_it() -> None:
    at = datetime(2023, 11, 14, 23, 13, 20, 123_999, tzinfo=timezone(timedelta(hours=1)))

    def parse(given: Batch, out: Output) -> None:
        container = out.container(
            'c "1"',
            label="events",
            description="d",
            severity="critical",
            sensitivity="red",
            status="new",
            tags=("a", "b"),
            custom_fields={"f": 1},
            data={},
            source_data_identifier=7,
            start_time=1_700_000_000_123,
            end_time="e",
            due_time=at,
            kill_chain="delivery",
            owner_id=12,
            fields={"tenant_id": 3},
        )
        artifact = container.artifact(
            given[0],
            name="n",
            label="event",
            type="network",
            cef={"sourceAddress": "10.0.0.1", "message": "a\nb"},
            cef_types={"jump": ["ip", "host name"], "other": ()},
            description=None,
        )
        artifact.cef["port"] = 22

    assert words().parse(parse).text == (
        '[{"container":{"name":"c \\"1\\"","label":"events","description":"d","severity":"critical",'
        '"sensitivity":"red","status":"new","tags":["a","b"],"custom_fields":{"f":1},"data":{},'
        '"source_data_identifier":"7","start_time":"2023-11-14T22:13:20.123Z","end_time":"e",'
        '"due_time":"2023-11-14T22:13:20.123Z","kill_chain":"delivery","owner_id":12,"tenant_id":3},'
        '"artifacts":[{"name":"n","label":"event","type":"network",'
        '"cef":{"sourceAddress":"10.0.0.1","message":"a\\nb","port":22},'
        '"cef_types":{"jump":["ip","host name"],"other":[]}}]}]'
    )


def test_a_dict_may_be_used_again() -> None:
    cef: dict[str, Any] = {}

    def one(message: Message, out: Output) -> None:
        cef["message"] = message.text()
        out.container("c").artifact(message, cef=cef)

    assert [one.artifacts[0]["cef"]["message"] for one in each(one).ingests] == ["one", "two", "three"]


def test_an_exception_rejects_its_message_with_its_place_and_little_text() -> None:
    def one(message: Message, out: Output) -> None:
        if message.index == 0:
            raise LookupError("secret " * 1000)
        if message.index == 1:
            int(message.text())
        raise KeyError

    reasons = each(one).reasons
    assert reasons[0].startswith("LookupError in test_output.py, line ")
    assert len(reasons[0]) < 230
    assert reasons[0].endswith("…")
    assert ": invalid literal for int() with base 10: 'two'" in reasons[1]
    assert reasons[2].startswith("KeyError in test_output.py, line ")


def test_memory_and_refusals_are_not_a_messages_fault() -> None:
    def short(message: Message, out: Output) -> None:
        raise MemoryError

    def refusing(message: Message, out: Output) -> None:
        raise Refuse("`parser_settings` lacks `label`")

    with pytest.raises(MemoryError):
        each(short)
    with pytest.raises(Refuse, match="lacks `label`"):
        each(refusing)


def test_a_rejection_outside_of_each_refuses_the_batch() -> None:
    def parse(given: Batch, out: Output) -> None:
        given[2].json()

    with pytest.raises(Refuse, match="the value isn't JSON"):
        words().parse(parse)


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({1, 2}, "`cef.v` can't be written as JSON: it is of type set: make it text, a number, a list or a dict"),
        ([0, b"x"], "`cef.v[1]` can't be written as JSON: it is of type bytes: make it text, a number, a list or a dict"),
        ({"n": float("nan")}, "`cef.v.n` can't be written as JSON: nan is no JSON number"),
        ("ab\ud800", "`cef.v` can't be written as JSON: the text has half a surrogate pair at position 2"),
        ({(1, 2): 3}, "`cef.v` can't be written as JSON: a key is of type tuple: make it text"),
    ],
)
def test_a_value_that_is_not_json_rejects_its_message_alone(value: object, fault: str) -> None:
    def one(message: Message, out: Output) -> None:
        bad = message.index == 1
        out.container(message.text()).artifact(message, cef={"v": value if bad else 1})

    parsed = each(one)
    assert parsed.reasons == {1: fault}
    assert [one.container["name"] for one in parsed.ingests] == ["one", "three"]
    assert parsed.sources == [0, 2]


def test_a_structure_that_holds_itself_is_found() -> None:
    def one(message: Message, out: Output) -> None:
        circle: list[Any] = []
        circle.append(circle)
        deep: list[Any] = []
        for _ in range(100_000):
            deep = [deep]
        out.container("c").artifact(message, cef={"v": [1], "w": circle if message.index else deep})

    assert each(one).reasons == {
        0: f"`cef.w{'[0]' * 98}` can't be written as JSON: it is nested more than 100 deep",
        1: "`cef.w[0]` can't be written as JSON: it holds itself",
        2: "`cef.w[0]` can't be written as JSON: it holds itself",
    }


def test_a_container_that_is_not_json_refuses_the_batch() -> None:
    def parse(given: Batch, out: Output) -> None:
        out.container("c", data={"x": object()})

    with pytest.raises(Refuse, match="`data.x` can't be written as JSON: it is of type object"):
        words().parse(parse)


def test_calls_that_make_no_sense_refuse_the_batch() -> None:
    def twice(message: Message, out: Output) -> None:
        out.container("c", fields={"name": "d"})

    def unknown(message: Message, out: Output) -> None:
        out.container("c", lable="d")  # type: ignore[call-arg]

    def both(message: Message, out: Output) -> None:
        out.reject(message, "no")
        out.container("c").artifact(message)

    for parse, fault in [
        (twice, "it sets `name` twice"),
        (unknown, "there is no member `lable`: it goes into `fields` if SOAR knows it"),
        (both, "it rejects message 0 of the batch and makes an artifact of it"),
    ]:
        with pytest.raises(Refuse) as caught:
            each(parse)
        assert caught.value.reason == f"the parser has a bug: {fault}"


def test_artifacts_of_no_message_are_not_traced() -> None:
    def parse(given: Batch, out: Output) -> None:
        container = out.container("c")
        container.artifact(given[0])
        container.artifact(None, name="summary")

    assert words().parse(parse).sources == []


def test_a_datetime_without_a_zone_is_refused_as_a_value() -> None:
    def one(message: Message, out: Output) -> None:
        out.container("c", start_time=datetime(2023, 1, 1))

    assert "names no point in time" in each(one).reasons[0]


def test_settings_time_and_log_are_the_tests() -> None:
    def parse(given: Batch, out: Output) -> None:
        out.container(settings.get()["name"], start_time=poll.started().utc)
        log.info(str(poll.started().local))
        log.warn("two")

    parsed = words().settings({"name": "é"}).started(1_700_000_000_000, 60).parse(parse)
    assert parsed.ingests[0].container == {"name": "é", "start_time": "2023-11-14T22:13:20.000Z"}
    assert parsed.log == [(log.Level.INFO, "2023-11-14 23:13:20+01:00"), (log.Level.WARN, "two")]


def test_a_crash_is_told_without_the_sdks_own_frames() -> None:
    def parse(given: Batch, out: Output) -> None:
        raise SystemExit(3)

    try:
        words().parse(parse)
    except SystemExit as error:
        lines = crash(error)
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == "SystemExit: 3"
    assert any('test_output.py", line' in line and "in parse" in line for line in lines)
    assert not any("kafka_soar" in line for line in lines)
