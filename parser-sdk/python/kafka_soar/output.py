"""What a parser writes: containers with artifacts, and what was rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .container import Artifact, Container
from .errors import Refuse, bug
from .writing import fault_of, write

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .batch import Message
    from .members import ContainerMembers


class Written(NamedTuple):
    """A finished output, as the contract wants it."""

    ingests: str
    sources: list[int]
    rejections: list[tuple[int, str]]


class Mark(NamedTuple):
    """A state to go back to: numbers of steps in the output's journal."""

    opened: int
    added: int


class Output:
    """Where a parser puts containers and their artifacts.

    Playbooks run once a container, after its last artifact: the SDK writes `run_automation` as
    false on all artifacts but the last, as SOAR's own apps do. An artifact that sets
    `run_automation` itself keeps its choice.
    """

    def __init__(self) -> None:
        self._opened: list[Container] = []
        # The container of every artifact, in the order in which they came.
        self._added: list[Container] = []
        self._rejections: dict[int, str] = {}

    def container(
        self, name: str, /, *, skip_if_empty: bool = False, **given: Unpack[ContainerMembers]
    ) -> Container:
        """Opens a container. SOAR requires a name and a label; the asset's own label, where it has
        one, wins. With `skip_if_empty` it is left out if it gets no artifact."""
        container = Container(self, name, skip_if_empty, given)
        self._opened.append(container)
        return container

    def reject(self, message: Message, reason: str) -> None:
        """Rejects a message: it goes to the quarantine. `Batch.each` does it for exceptions, and
        takes back what was written for the message; this alone takes nothing back. A message that
        is rejected twice keeps the first reason."""
        self._rejections.setdefault(message.index, reason)

    @property
    def rejections(self) -> int:
        """Number of rejections so far."""
        return len(self._rejections)

    def add(self, container: Container, artifact: Artifact) -> None:
        """Puts an artifact into a container: see `Container.artifact`."""
        if not container.attached:
            # It was opened for a message that was then rejected, but the parser kept it.
            container.attached = True
            self._opened.append(container)
        container.artifacts.append(artifact)
        self._added.append(container)

    def mark(self) -> Mark:
        """Notes what is there."""
        return Mark(len(self._opened), len(self._added))

    def take_back(self, mark: Mark) -> None:
        """Removes what has come since."""
        for container in reversed(self._added[mark.added :]):
            container.artifacts.pop()
        del self._added[mark.added :]
        for container in self._opened[mark.opened :]:
            container.attached = False
        del self._opened[mark.opened :]

    def finish(self) -> Written:
        """The text of everything. A message whose artifact can't be written as JSON is rejected."""
        text = self._text()
        if text is None:
            self._reject_faults()
            text = self._text()
            assert text is not None, "what can't be written is gone"
        sources = [artifact.source for one in self._kept() for artifact in one.artifacts]
        for source in sources:
            if source in self._rejections:
                raise bug(f"it rejects message {source} of the batch and makes an artifact of it")
        traced = [source for source in sources if source is not None]
        return Written(
            text if self._kept() else "",
            traced if len(traced) == len(sources) else [],
            sorted(self._rejections.items()),
        )

    def _kept(self) -> list[Container]:
        return [one for one in self._opened if one.artifacts or not one.skip_if_empty]

    def _text(self) -> str | None:
        ingests = []
        for container in self._kept():
            bodies = [artifact.body for artifact in container.artifacts]
            for body in bodies[:-1]:
                body.setdefault("run_automation", False)
            ingests.append({"container": container.body, "artifacts": bodies})
        return write(ingests)

    def _reject_faults(self) -> None:
        """Finds what can't be written: all was written in one go, which is fastest. The message is
        rejected that an artifact is made from; without one the batch is refused."""
        rejected = set()
        for container in self._opened:
            if write(container.body) is None:
                raise Refuse(fault_of(container.body, ""))
            for artifact in container.artifacts:
                if write(artifact.body) is not None:
                    continue
                reason = fault_of(artifact.body, "")
                if artifact.source is None:
                    raise Refuse(reason)
                self._rejections.setdefault(artifact.source, reason)
                rejected.add(artifact.source)
        for container in self._opened:
            kept = [artifact for artifact in container.artifacts if artifact.source not in rejected]
            # One that had nothing but the rejected messages' artifacts goes with them.
            container.attached = bool(kept) or not container.artifacts
            container.artifacts = kept
        self._opened = [container for container in self._opened if container.attached]
