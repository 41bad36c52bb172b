from __future__ import annotations

import json
from dataclasses import asdict, astuple, dataclass, field, fields, replace
from enum import Enum, IntEnum, auto
from typing import Any, ClassVar, Dict, List, Optional


class Severity(IntEnum):
    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @classmethod
    def of(cls, points: int) -> Severity:
        return cls(min(max(points // 30, 1), 3))


class Kind(str, Enum):
    LOGIN = "login"
    FILE = "file"
    OTHER = "other"

    @classmethod
    def _missing_(cls, value):
        return cls.OTHER


class State(Enum):
    NEW = auto()
    KNOWN = auto()


@dataclass(frozen=True, order=True)
class Actor:
    name: str
    domain: str = "LOCAL"

    def __str__(self) -> str:
        return f"{self.domain}\\{self.name}"


@dataclass
class Event:
    kind: Kind
    actor: Actor
    points: int = 0
    tags: List[str] = field(default_factory=list)
    extra: Dict[str, Any] = field(default_factory=dict, repr=False)
    parent: Optional[Event] = None
    count: ClassVar[int] = 0

    def __post_init__(self):
        Event.count += 1
        self.kind = Kind(self.kind)
        if isinstance(self.actor, str):
            domain, _, name = self.actor.rpartition("\\")
            self.actor = Actor(name, domain or "LOCAL")
        self.tags = sorted(set(self.tags))

    @property
    def severity(self) -> Severity:
        return Severity.of(self.points)


KNOWN = {f.name for f in fields(Event)}
seen: Dict[Actor, State] = {}


def load(text: str) -> Event:
    raw = json.loads(text)
    extra = {k: raw.pop(k) for k in list(raw) if k not in KNOWN}
    return Event(**raw, extra=extra)


def parse_messages(topic, messages):
    out = []
    previous = None
    for m in messages:
        event = replace(load(m["message"]), parent=None)
        state = seen.setdefault(event.actor, State.NEW)
        out.append({
            "container": {
                "name": f"{event.kind.value} by {event.actor}",
                "severity": event.severity.name.lower(),
                "data": {"level": event.severity, "kind": event.kind, "state": state.name, "count": Event.count},
                "description": repr(event),
            },
            "artifacts": [{"name": event.kind.value, "cef": asdict(event), "tags": event.tags, "data": {"actor": astuple(event.actor)}}],
        })
        if previous and previous.actor < event.actor:
            out[-1]["container"]["tags"] = ["after " + str(previous.actor)]
        seen[event.actor] = State.KNOWN
        previous = event
    return out
