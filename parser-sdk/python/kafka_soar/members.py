"""The members of SOAR's bodies, by SOAR's names. One that is None is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypedDict, Union

from . import times
from .errors import bug
from .times import Time

__all__ = ["ArtifactMembers", "ContainerMembers", "Time"]


class _Common(TypedDict, total=False):
    label: str | None
    """Of a container: which kind of events it belongs to; SOAR requires one that exists, and the
    asset's own, where it has one, wins. Of an artifact: what kind it is, `event` by default."""

    description: str | None

    severity: str | None
    """`high`, `medium`, `low`, or one that the administrator has added. Medium by default."""

    tags: Iterable[str] | None

    data: Mapping[str, Any] | None
    """Whatever else is known. Playbooks see it, the user interface doesn't show it."""

    source_data_identifier: str | int | None
    """What makes it this one and no other, so that delivering it again makes no second one. The
    same input must give the same identifier."""

    start_time: Time | None
    end_time: Time | None

    kill_chain: str | None
    """The phase of an attack."""

    owner_id: str | int | None
    """The number or the name of a SOAR user."""

    run_automation: bool | None
    """Whether playbooks run when SOAR has stored this. For artifacts the SDK says false on all
    but the last of a container, as SOAR's own apps do, where it isn't set."""

    fields: Mapping[str, Any] | None
    """Any other members of the body. SOAR's SDK drops keys that it doesn't know, and the host
    reports them."""


class ContainerMembers(_Common, total=False):
    """The body of POST /rest/container, its name aside."""

    sensitivity: Literal["white", "green", "amber", "red"] | None
    """With whom it may be shared. Amber by default."""

    status: str | None
    """`new`, `open`, `closed`, or one that the administrator has added."""

    custom_fields: Mapping[str, Any] | None
    due_time: Time | None


class ArtifactMembers(_Common, total=False):
    """The body of POST /rest/artifact."""

    name: str | None

    cef: Mapping[str, Any] | None
    """`sourceAddress`, `fileHashSha256`, or names of your own."""

    cef_types: Mapping[str, Iterable[str]] | None
    """For CEF fields of your own, what they hold (`ip`, `domain`, `hash` …), so that SOAR offers
    the actions that go with it."""

    type: str | None
    """`network`, `host`, `user` …"""


_Names = frozenset[str]

_COMMON: _Names = frozenset(_Common.__annotations__)
CONTAINER: _Names = _COMMON | frozenset(ContainerMembers.__annotations__)
ARTIFACT: _Names = _COMMON | frozenset(ArtifactMembers.__annotations__)

_TIMES = frozenset({"start_time", "end_time", "due_time"})
_COPIED = frozenset({"cef", "data", "custom_fields"})

Members = Union[ContainerMembers, ArtifactMembers]


def put(body: dict[str, Any], given: Members, known: _Names) -> None:
    """Writes the members into a body, in the order in which they were given."""
    for key, value in given.items():
        if key not in known:
            raise bug(f"there is no member `{key}`: it goes into `fields` if SOAR knows it")
        if value is None:
            continue
        if key == "fields":
            _put_fields(body, given["fields"] or {})
            continue
        if key in body:
            raise bug(f"it sets `{key}` twice")
        body[key] = _written(key, value)


def _written(key: str, value: Any) -> Any:
    if key in _COPIED:
        # The parser may go on with its dict for the next message.
        return dict(value)
    if key in _TIMES:
        return times.text(value)
    if key == "source_data_identifier":
        return str(value)
    if key == "tags":
        return list(value)
    if key == "cef_types":
        return {name: list(contains) for name, contains in value.items()}
    return value


def _put_fields(body: dict[str, Any], fields: Mapping[str, Any]) -> None:
    for key, value in fields.items():
        if key in body:
            raise bug(f"it sets `{key}` twice")
        body[key] = value
