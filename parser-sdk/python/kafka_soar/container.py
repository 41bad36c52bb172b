"""Containers and their artifacts while a parser writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import members

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .batch import Message
    from .members import ArtifactMembers, ContainerMembers
    from .output import Output


class Artifact:
    """An artifact: the body of SOAR's POST /rest/artifact."""

    __slots__ = ("body", "source")

    def __init__(self, source: int | None, given: ArtifactMembers) -> None:
        self.body: dict[str, Any] = {}
        self.source = source
        """Index of the message that it is made from; None when it is of several or none."""
        members.put(self.body, given, members.ARTIFACT)

    @property
    def cef(self) -> dict[str, Any]:
        """Its CEF fields, to add to."""
        cef: dict[str, Any] = self.body.setdefault("cef", {})
        return cef


class Container:
    """A container: the body of SOAR's POST /rest/container, with its artifacts. It can take
    artifacts until the parser returns."""

    __slots__ = ("_out", "artifacts", "attached", "body", "skip_if_empty")

    def __init__(self, out: Output, name: str, skip_if_empty: bool, given: ContainerMembers) -> None:
        self._out = out
        self.body: dict[str, Any] = {"name": name}
        self.artifacts: list[Artifact] = []
        self.skip_if_empty = skip_if_empty
        self.attached = True
        """Whether it is part of the output: not after the message was rejected that opened it."""
        members.put(self.body, given, members.CONTAINER)

    def artifact(self, message: Message | None, **given: Unpack[ArtifactMembers]) -> Artifact:
        """Adds an artifact made from `message`; `None` for one that is made from several messages
        or from none: the host then can't trace any artifact of this batch to its message."""
        artifact = Artifact(None if message is None else message.index, given)
        self._out.add(self, artifact)
        return artifact
